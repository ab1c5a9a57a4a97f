// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/metrics.hpp>
#include <amphi/async/runtime.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/exec/join_handle.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/time/sleep.hpp>

#include "support/borrowed.hpp"
#include "support/gate.hpp"
#include "support/pipe.hpp"

#include <chrono>
#include <cstdint>
#include <utility>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;

class metrics : public ::testing::TestWithParam<const char*> {
protected:
    runtime own{runtime_options().workers(1).driver(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(drivers, metrics, ::testing::Values("epoll", "uring"));

constexpr std::uint64_t yields = 1'000;
constexpr std::uint64_t children = 10;

task<> yields_often() {
    for (std::uint64_t i = 0; i < yields; ++i)
        co_await yield();
}

task<> has_children() {
    co_await scope([](task_scope& jobs) -> task<> {
        for (std::uint64_t i = 0; i < children; ++i)
            co_await jobs.spawn(yields_often);
    });
}

task<> passes(testing::borrowed<testing::gate> opened) {
    co_await opened->pass();
}

task<> joins(join_handle<> other) {
    co_await other.join();
}

task<> waits_for(testing::borrowed<testing::pipe_reader> end) {
    co_await readable(end->fd());
}

TEST(metrics_of_none, are_zero) {
    const runtime unused(runtime_options().workers(2));
    const runtime_metrics seen = unused.metrics();
    EXPECT_EQ(seen.workers.size(), 2U);
    EXPECT_EQ(seen.tasks_spawned(), 0U);
    EXPECT_EQ(seen.total().polls, 0U);
    EXPECT_EQ(seen.total().poll_time.count(), 0U);
}

TEST_P(metrics, count_tasks_and_their_turns) {
    own.run(has_children);
    (void)own.shutdown(never
    );  // Who waits for a task goes on just before that is counted as ended.
    const runtime_metrics seen = own.metrics();
    EXPECT_EQ(seen.tasks_alive, 0U);
    EXPECT_EQ(seen.spawned_outside, 1U);
    EXPECT_EQ(seen.total().spawned, children);
    EXPECT_EQ(seen.tasks_spawned(), children + 1);
    EXPECT_GE(seen.total().polls, children * yields);
    EXPECT_EQ(seen.total().stolen, 0U) << "there is nobody to take from";
}

TEST_P(metrics, time_one_turn_in_64) {
    own.run(has_children);
    const worker_metrics seen = own.metrics().total();
    // One in 64 turns, and one in 64 of those that queued: half of them may be the same.
    EXPECT_GE(seen.poll_time.count(), children * yields / 64);
    EXPECT_LE(seen.poll_time.count(), seen.polls / 32 + 2);
    EXPECT_GE(seen.scheduling_delay.count(), children * yields / 64);
    EXPECT_LE(seen.scheduling_delay.count(), seen.polls / 64 + 1);
    EXPECT_GT(seen.scheduling_delay.quantile(0.5), 0ns);
}

TEST_P(metrics, count_those_who_are_alive) {
    testing::gate opened;
    auto waiting = own.spawn(passes, testing::borrowed(opened));
    EXPECT_EQ(own.metrics().tasks_alive, 1U);
    opened.open();
    own.run(joins, std::move(waiting));
    (void)own.shutdown(never);
    EXPECT_EQ(own.metrics().tasks_alive, 0U);
}

task<> sleeps_and_waits_for_a_pipe() {
    testing::pipe_ends line;
    co_await scope(
        [](task_scope& jobs, testing::pipe_ends& ends) -> task<> {
            co_await jobs.spawn(waits_for, testing::borrowed(ends.reader));
            co_await sleep_for(1ms);
            ends.writer.write_now("x");
        },
        line
    );
    co_await sleep_for(1ms);
}

TEST_P(metrics, count_timers_sleeps_and_events) {
    own.run(sleeps_and_waits_for_a_pipe);
    const worker_metrics seen = own.metrics().total();
    EXPECT_EQ(seen.timers, 2U);
    EXPECT_GE(seen.parks, 1U);
    EXPECT_GE(seen.driver_calls, 1U);
    EXPECT_GE(seen.driver_events, 1U);
}

TEST(metrics_of_async, are_those_of_the_shared_runtime) {
    const std::uint64_t before = async.metrics().tasks_spawned();
    run(async, yields_often);
    EXPECT_EQ(async.metrics().tasks_spawned(), before + 1);
}

}  // namespace
}  // namespace amphi
