// SPDX-License-Identifier: BSL-1.0
// Runtimes that are made, used for a moment and destroyed, while threads that are not theirs may
// still be inside the wake-up of the last task, and workers may be starting others.
#include <amphi/async/runtime.hpp>
#include <amphi/async/spawn.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/time/sleep.hpp>

#include "support/borrowed.hpp"
#include "support/build.hpp"
#include "support/gate.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::borrowed;
using amphi::testing::gate;

constexpr int rounds = amphi::testing::sanitized ? 300 : 3'000;

task<> pass(borrowed<gate> g) {
    co_await g->pass();
}

TEST(runtime_end, waits_for_the_foreign_thread_that_woke_the_last_task) {
    for (int round = 0; round < rounds; ++round) {
        gate opened;
        std::optional<runtime> own(
            runtime_options().workers(1 + static_cast<std::size_t>(round) % 3)
        );
        std::jthread opener([&opened] { opened.open(); });
        own->run(pass, opened);
        own.reset();
    }
}

task<> fan_out(int width) {
    co_await scope(
        [](task_scope& jobs, int children) -> task<> {
            const auto on_async = []() -> task<> { co_await yield(); };
            const auto plain = [] {};
            for (int i = 0; i < children; ++i) {
                (void)co_await jobs.spawn(on_async);
                (void)co_await jobs.spawn_on(threads, plain);
            }
        },
        width
    );
}

// The last child to end is a plain thread's as often as a worker's.
TEST(runtime_end, waits_for_plain_threads_that_end_the_last_child) {
    for (int round = 0; round < rounds; ++round) {
        runtime own(runtime_options().workers(1 + static_cast<std::size_t>(round) % 4));
        own.run(fan_out, 1 + round % 3);
    }
}

TEST(runtime_end, joins_workers_that_were_starting_others) {
    for (int round = 0; round < rounds; ++round) {
        runtime own(runtime_options().workers(8));
        own.run([]() -> task<> {
            co_await scope([](task_scope& jobs) -> task<> {
                const auto end = []() -> task<> { co_return; };
                for (int i = 0; i < 3; ++i)
                    (void)co_await jobs.spawn(end);
            });
        });
    }
}

// Several threads begin at once on a runtime that has no thread yet.
TEST(runtime_end, comes_after_first_tasks_from_several_threads) {
    for (int round = 0; round < rounds / 2; ++round) {
        runtime own(runtime_options().workers(2));
        std::atomic<int> sum{0};
        std::vector<std::jthread> callers;
        for (int i = 0; i < 3; ++i)
            callers.emplace_back([&own, &sum] {
                sum.fetch_add(own.run([]() -> task<int> { co_return 1; }));
            });
        callers.clear();
        ASSERT_EQ(sum.load(), 3);
    }
}

TEST(runtime_end, stops_daemons_wherever_they_are) {
    for (int round = 0; round < rounds / 3; ++round) {
        std::atomic<int> ended{0};
        {
            runtime own(runtime_options().workers(2));
            const auto daemon = [](borrowed<std::atomic<int>> count, int step) -> task<> {
                try {
                    for (int i = 0; i < step; ++i)
                        co_await yield();
                    co_await sleep_for(1h);
                } catch (const operation_cancelled&) {
                    count->fetch_add(1);
                    throw;
                }
            };
            for (int i = 0; i < 4; ++i)
                (void)spawn_on(own, daemon, ended, i);
        }
        ASSERT_EQ(ended.load(), 4);
    }
}

}  // namespace
