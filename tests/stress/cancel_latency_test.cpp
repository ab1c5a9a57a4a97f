// SPDX-License-Identifier: BSL-1.0
// How soon a stop ends each kind of wait, in each life: a table, and a limit on its medians.
#include <amphi/exec/scope.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/result.hpp>
#include <amphi/time/sleep.hpp>

#include "support/borrowed.hpp"
#include "support/build.hpp"
#include "support/gate.hpp"
#include "support/lives.hpp"
#include "support/tcp_pair.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <vector>

#include <gtest/gtest.h>
#include <sys/eventfd.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::borrowed;
using amphi::testing::gate;

using microseconds = std::chrono::duration<double, std::micro>;

constexpr std::size_t samples = 21;
constexpr microseconds limit = amphi::testing::sanitized ? 50ms : 5ms;

/// Tells that a task is about to wait.
using flag = std::atomic<bool>;

task<> sleep_long(borrowed<flag> waits) {
    waits->store(true);
    co_await sleep_for(1h);
}

task<> pass_closed(borrowed<flag> waits) {
    gate closed;
    waits->store(true);
    co_await closed.pass();
}

task<> join_sleeper(borrowed<flag> waits) {
    co_await scope(
        [](task_scope& jobs, flag& f) -> task<> {
            static flag ignored{false};
            auto sleeper = co_await jobs.spawn(sleep_long, ignored);
            f.store(true);
            co_await sleeper.join();
        },
        *waits
    );
}

task<> wait_for_room(borrowed<flag> waits) {
    co_await scope(
        [](task_scope& jobs, flag& f) -> task<> {
            static flag ignored{false};
            jobs.limit(1);
            (void)co_await jobs.spawn(sleep_long, ignored);
            f.store(true);
            (void)co_await jobs.spawn(sleep_long, ignored);
        },
        *waits
    );
}

task<> wait_readable(borrowed<flag> waits) {
    const descriptor silent(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    waits->store(true);
    co_await readable(silent.get());
}

task<> accept_nobody(borrowed<flag> waits) {
    auto listener = net::tcp_listener::bind(net::endpoint::loopback(0));
    waits->store(true);
    (void)co_await listener.accept();
}

task<> receive_nothing(borrowed<flag> waits) {
    auto pair = co_await amphi::testing::connected_pair();
    std::array<std::byte, 64> buffer{};
    waits->store(true);
    (void)co_await pair.client.read_some(buffer);
}

task<> send_to_the_brim(borrowed<flag> waits) {
    auto pair = co_await amphi::testing::connected_pair();
    const std::vector<std::byte> much(1 << 20);
    for (int i = 0;; ++i) {
        if (i == 1) waits->store(true);
        (void)co_await pair.client.write_some(much);
    }
}

using wait_function = task<> (*)(borrowed<flag>);

task<double> measure_once(wait_function waits) {
    const double taken = co_await scope(
        [](task_scope& jobs, wait_function f) -> task<double> {
            flag began{false};
            auto handle = co_await jobs.spawn(f, began);
            // Some time after it has begun to wait: a sleep, since nobody tells that it is parked.
            while (!began.load())
                co_await sleep_for(100us);
            co_await sleep_for(500us);
            EXPECT_FALSE(handle.done());
            const auto asked = clock::now();
            handle.request_stop();
            bool cancelled = false;
            try {
                co_await handle.join();
            } catch (const operation_cancelled&) {
                cancelled = true;
            }
            const microseconds until_joined = clock::now() - asked;
            EXPECT_TRUE(cancelled);
            co_return until_joined.count();
        },
        waits
    );
    co_return taken;
}

class cancel_latency : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(
    lives, cancel_latency, amphi::testing::all_lives(), amphi::testing::name_of_life
);

TEST_P(cancel_latency, is_short_for_every_kind_of_wait) {
    struct row {
        const char* name;
        wait_function waits;
    };
    constexpr std::array rows{
        row{"sleep", sleep_long},
        row{"wait in a list", pass_closed},
        row{"join", join_sleeper},
        row{"room in a scope", wait_for_room},
        row{"readable", wait_readable},
        row{"accept", accept_nobody},
        row{"receive", receive_nothing},
        row{"send", send_to_the_brim},
    };
    std::printf(
        "%-18s %12s %12s   from the stop to the joined end, us\n", "wait", "median", "worst"
    );
    for (const row& r : rows) {
        std::array<double, samples> taken{};
        for (double& sample : taken)
            sample = run(measure_once, r.waits);
        std::sort(taken.begin(), taken.end());
        std::printf("%-18s %12.1f %12.1f\n", r.name, taken[samples / 2], taken.back());
        EXPECT_LT(taken[samples / 2], limit.count()) << r.name;
    }
}

}  // namespace
