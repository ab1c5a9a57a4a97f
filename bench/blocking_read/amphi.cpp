// SPDX-License-Identifier: BSL-1.0
#include <amphi/amphi.hpp>

#include "support/echo_peer.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace net = amphi::net;

// It holds two numbers of processes and descriptors.
template <>
inline constexpr bool amphi::enable_sendable<bench::echo_peer> = true;

namespace {

amphi::task<> echo(net::tcp_stream peer) {
    std::array<std::byte, bench::message_bytes> buffer;
    for (;;) {
        const std::size_t count = co_await peer.read_some(buffer);
        if (count == 0) co_return;
        co_await amphi::write_all(peer, std::span(buffer).first(count));
    }
}

amphi::task<> serve(net::tcp_listener listener, bench::echo_peer peer) {
    net::tcp_stream accepted = co_await listener.accept();
    peer.begin();
    co_await amphi::scope(
        [](amphi::task_scope& jobs, net::tcp_stream& stream) -> amphi::task<> {
            co_await jobs.spawn(echo, std::move(stream));
        },
        accepted
    );
    peer.end();
}

}  // namespace

int main(int argc, char** argv) {
    auto listener = net::tcp_listener::bind(net::endpoint::loopback(0));
    bench::echo_peer peer(listener.local_endpoint().port(), bench::load_of(argc, argv));
    amphi::run(amphi::threads, serve, std::move(listener), peer);
}
