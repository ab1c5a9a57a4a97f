// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/error.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/timeout.hpp>

#include <chrono>
#include <utility>
#include <vector>

namespace amphi::testing {

/// A listener whose queue is full: who connects to it now waits.
class full_listener {
public:
    full_listener()
        : listener_(net::tcp_listener::bind(net::endpoint::loopback(0), one_may_wait())) {}

    task<> fill() {
        for (;;) {
            try {
                auto taken = co_await timeout(
                    std::chrono::milliseconds(50),
                    net::tcp_stream::connect,
                    listener_.local_endpoint()
                );
                waiting_.push_back(std::move(taken));
            } catch (const timed_out&) {
                co_return;
            }
        }
    }
    [[nodiscard]] net::endpoint at() const { return listener_.local_endpoint(); }

private:
    static net::listen_options one_may_wait() { return net::listen_options().backlog(0); }

    net::tcp_listener listener_;
    std::vector<net::tcp_stream> waiting_;
};

}  // namespace amphi::testing
