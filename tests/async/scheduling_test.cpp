// SPDX-License-Identifier: BSL-1.0
// What a program sees of the workers: fairness, wakes from outside, ends.
#include <amphi/async/runtime.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/task/result.hpp>
#include <amphi/time/sleep.hpp>

#include "support/borrowed.hpp"
#include "support/build.hpp"
#include "support/gate.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/eventfd.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::borrowed;
using amphi::testing::gate;

class scheduling : public ::testing::TestWithParam<std::size_t> {
protected:
    runtime own{runtime_options().workers(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(workers, scheduling, ::testing::Values(1U, 2U, 4U));

task<> count_until(borrowed<std::atomic<bool>> over, borrowed<std::atomic<long>> count) {
    gate open;
    open.open();
    while (!over->load()) {
        co_await open.pass();  // always ready: it never waits for anything
        count->fetch_add(1);
    }
}

// An operation that is always ready yields now and then, or the others would starve.
TEST_P(scheduling, budgets_operations_that_are_always_ready) {
    std::atomic<bool> over{false};
    std::atomic<long> count{0};
    own.run(
        [](borrowed<std::atomic<bool>> o, borrowed<std::atomic<long>> c) -> task<> {
            co_await scope(
                [](task_scope& jobs, std::atomic<bool>& stop, std::atomic<long>& n) -> task<> {
                    for (int i = 0; i < 8; ++i)
                        (void)co_await jobs.spawn(count_until, stop, n);
                    co_await sleep_for(2ms);
                    stop.store(true);
                },
                *o,
                *c
            );
        },
        over,
        count
    );
    EXPECT_GT(count.load(), 0);
}

TEST_P(scheduling, runs_what_foreign_threads_wake) {
    const std::size_t count = amphi::testing::sanitized ? 500 : 5'000;
    std::vector<gate> gates(count);
    std::atomic<std::size_t> passed{0};
    std::vector<std::jthread> openers;
    for (std::size_t first = 0; first < 3; ++first)
        openers.emplace_back([&gates, first] {
            for (std::size_t i = first; i < gates.size(); i += 3)
                gates[i].open();
        });
    own.run(
        [](borrowed<std::vector<gate>> g, borrowed<std::atomic<std::size_t>> p) -> task<> {
            co_await scope(
                [](task_scope& jobs, std::vector<gate>& all, std::atomic<std::size_t>& n
                ) -> task<> {
                    const auto pass = [](borrowed<gate> mine,
                                         borrowed<std::atomic<std::size_t>> sum) -> task<> {
                        co_await mine->pass();
                        sum->fetch_add(1);
                    };
                    for (gate& one : all)
                        (void)co_await jobs.spawn(pass, one, n);
                },
                *g,
                *p
            );
        },
        gates,
        passed
    );
    EXPECT_EQ(passed.load(), count);
}

TEST_P(scheduling, keeps_a_hundred_thousand_sleepers) {
    static constexpr int count = amphi::testing::sanitized ? 10'000 : 100'000;
    own.run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            const auto nap = []() -> task<> { co_await sleep_for(1h); };
            for (int i = 0; i < count; ++i)
                (void)co_await jobs.spawn(nap);
            EXPECT_EQ(jobs.running(), static_cast<std::size_t>(count));
            jobs.request_stop();
        });
    });
}

task<> stay_busy_until(borrowed<std::atomic<bool>> over) {
    while (!over->load())
        co_await yield();
}

// A worker that has a driver and is never without work must look at it, and not wait in it.
TEST_P(scheduling, sees_events_while_it_is_busy) {
    for (const char* driver : {"epoll", "auto"}) {
        runtime busy(runtime_options().workers(GetParam()).driver(driver));
        const descriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        std::atomic<bool> over{false};
        busy.run(
            [](int fd, borrowed<std::atomic<bool>> o) -> task<> {
                co_await scope(
                    [](task_scope& jobs, int watched, std::atomic<bool>& seen) -> task<> {
                        const auto wait = [](int from, borrowed<std::atomic<bool>> s) -> task<> {
                            co_await readable(from);
                            s->store(true);
                        };
                        (void)co_await jobs.spawn(wait, watched, seen);
                        for (int i = 0; i < 8; ++i)
                            (void)co_await jobs.spawn(stay_busy_until, seen);
                        for (int i = 0; i < 200; ++i)
                            co_await yield();
                        ::eventfd_write(watched, 1);
                    },
                    fd,
                    *o
                );
            },
            event.get(),
            over
        );
        EXPECT_TRUE(over.load());
    }
}

TEST_P(scheduling, expires_timers_while_it_is_busy) {
    std::atomic<bool> over{false};
    own.run(
        [](borrowed<std::atomic<bool>> o) -> task<> {
            co_await scope(
                [](task_scope& jobs, std::atomic<bool>& woken) -> task<> {
                    const auto nap = [](borrowed<std::atomic<bool>> s) -> task<> {
                        co_await sleep_for(3ms);
                        s->store(true);
                    };
                    (void)co_await jobs.spawn(nap, woken);
                    for (int i = 0; i < 8; ++i)
                        (void)co_await jobs.spawn(stay_busy_until, woken);
                },
                *o
            );
        },
        over
    );
    EXPECT_TRUE(over.load());
}

}  // namespace
