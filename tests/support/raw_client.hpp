// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace amphi::testing {

/// A client on 127.0.0.1 that sends and receives bytes as a test says, misbehaving included. It
/// blocks, on the test's own thread, but not for ever.
class raw_client {
public:
    explicit raw_client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
        EXPECT_EQ(::connect(socket_.get(), generic, sizeof address), 0);
        const timeval limit{20, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }

    /// False when the server has gone.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

    /// The next response: its head, then as much body as its Content-Length says. What was received
    /// when the server went before.
    [[nodiscard]] std::string response(bool with_body = true) {
        std::size_t end = 0;
        while ((end = unread_.find("\r\n\r\n")) == std::string::npos)
            if (!receive()) return take(unread_.size());
        end += 4;
        constexpr std::string_view field = "\r\nContent-Length: ";
        const std::size_t at = unread_.substr(0, end).find(field);
        if (with_body && at != std::string::npos)
            end += std::stoul(unread_.substr(at + field.size()));
        while (unread_.size() < end)
            if (!receive()) return take(unread_.size());
        return take(end);
    }

    /// All that still comes until the server ends the connection.
    [[nodiscard]] std::string rest() {
        while (receive()) {
        }
        return take(unread_.size());
    }

    /// Whether there is something to receive, or comes to be within `length`.
    [[nodiscard]] bool is_readable(std::chrono::milliseconds length) const {
        pollfd readable{socket_.get(), POLLIN, 0};
        return ::poll(&readable, 1, static_cast<int>(length.count())) > 0;
    }

    void close() { socket_.reset(); }

private:
    bool receive() {
        char bytes[65536];
        ssize_t count = 0;
        // A call with a time limit of its own is not restarted by the kernel.
        do
            count = ::recv(socket_.get(), bytes, sizeof bytes, 0);
        while (count < 0 && errno == EINTR);
        EXPECT_FALSE(count < 0 && errno == EAGAIN) << "the server says nothing";
        if (count <= 0) return false;
        unread_.append(bytes, static_cast<std::size_t>(count));
        return true;
    }

    std::string take(std::size_t size) {
        std::string taken = unread_.substr(0, size);
        unread_.erase(0, size);
        return taken;
    }

    descriptor socket_;
    std::string unread_;
};

}  // namespace amphi::testing
