// SPDX-License-Identifier: BSL-1.0
// One worker; AMPHI_DRIVER chooses the driver.
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
    std::array<std::byte, 4096> buffer;
    for (;;) {
        const std::size_t count = co_await peer.read_some(buffer);
        if (count == 0) co_return;
        co_await amphi::write_all(peer, std::span(buffer).first(count));
    }
}

amphi::task<> serve(net::tcp_listener listener, bench::echo_peer peer, int connections) {
    co_await amphi::scope(
        [](amphi::task_scope& jobs, net::tcp_listener& from, bench::echo_peer& to, int count
        ) -> amphi::task<> {
            for (int i = 0; i < count; ++i) {
                auto accepted = co_await from.accept();
                co_await jobs.spawn(echo, std::move(accepted));
            }
            to.begin();
        },
        listener,
        peer,
        connections
    );
    peer.end();
}

}  // namespace

int main(int argc, char** argv) {
    const bench::echo_load load = bench::load_of(argc, argv);
    auto listener = net::tcp_listener::bind(net::endpoint::loopback(0));
    bench::echo_peer peer(listener.local_endpoint().port(), load);
    amphi::runtime one_worker(amphi::runtime_options().workers(1));
    amphi::run(one_worker, serve, std::move(listener), peer, load.connections);
}
