// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/net/endpoint.hpp>

#include "acceptor.hpp"
#include "socket_address.hpp"
#include "stream_socket.hpp"

#include <string>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace amphi::detail {

/// A TCP connection, and whom it goes to.
class tcp_socket final : public stream_socket {
public:
    tcp_socket(descriptor owned, const net::endpoint& peer) noexcept
        : stream_socket(std::move(owned), short_read::drained)
        , remote(peer) {}

    [[noreturn]] void fail(int error, const char* operation) const override {
        throw_system_error(error, operation, to_string(remote));
    }

    net::endpoint remote;
};

/// A socket that listens for TCP connections, and where.
class tcp_acceptor final : public acceptor {
public:
    tcp_acceptor(descriptor owned, const net::endpoint& at)
        : acceptor(std::move(owned))
        , local(at) {}

    [[nodiscard]] std::string name() const override { return to_string(local); }
    [[nodiscard]] std::string name_of(const sockaddr& peer, socklen_t size) const override {
        return to_string(socket_address(peer, size).to_address());
    }

    net::endpoint local;
};

}  // namespace amphi::detail
