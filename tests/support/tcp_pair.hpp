// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/task.hpp>

#include <utility>

namespace amphi::testing {

/// The two ends of a connection over the loopback interface.
class tcp_pair {
public:
    tcp_pair(net::tcp_stream from, net::tcp_stream to) noexcept
        : client(std::move(from))
        , server(std::move(to)) {}

    net::tcp_stream client;
    net::tcp_stream server;
};

inline task<tcp_pair> connected_pair() {
    auto listener = net::tcp_listener::bind(net::endpoint::loopback(0));
    auto client = co_await net::tcp_stream::connect(listener.local_endpoint());
    auto server = co_await listener.accept();
    co_return tcp_pair(std::move(client), std::move(server));
}

}  // namespace amphi::testing
