// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include <cerrno>
#include <cstdint>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace amphi::testing {

/// A socket that listens on 127.0.0.1, at a port that the system picks, for a server's thread.
class loopback_listener {
public:
    loopback_listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(socket_.get(), generic, sizeof address), 0);
        EXPECT_EQ(::listen(socket_.get(), 1024), 0);
        EXPECT_EQ(::getsockname(socket_.get(), generic, &size), 0);
        port_ = ntohs(address.sin_port);
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] int native_handle() const noexcept { return socket_.get(); }

    /// The next connection; none after `end`.
    [[nodiscard]] descriptor accept() const {
        descriptor made;
        do
            made.reset(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        while (!made && (errno == EINTR || errno == ECONNABORTED));
        return made;
    }

    /// From another thread.
    void end() const { ::shutdown(socket_.get(), SHUT_RDWR); }

private:
    descriptor socket_;
    std::uint16_t port_ = 0;
};

}  // namespace amphi::testing
