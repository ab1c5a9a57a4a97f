// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/net/endpoint.hpp>

#include <utility>

namespace amphi::detail {

/// A connection at an address that stays, so that its owner can move while it is watched.
class tcp_socket {
public:
    tcp_socket(descriptor owned, const net::endpoint& peer) noexcept
        : fd(std::move(owned))
        , remote(peer) {}

    descriptor fd;
    watch readiness;  // leaves the driver before the descriptor is closed
    net::endpoint remote;
    /// The reader's: the last read has emptied the socket, so the next one waits first.
    bool drained = false;
};

/// A listening socket, and a descriptor to give up for a connection when no other is left.
class tcp_acceptor {
public:
    tcp_acceptor(descriptor owned, const net::endpoint& at) noexcept
        : fd(std::move(owned))
        , local(at) {}

    descriptor fd;
    watch readiness;  // leaves the driver before the descriptor is closed
    net::endpoint local;
    descriptor reserve;
};

}  // namespace amphi::detail
