// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/lives.hpp"

#include <chrono>
#include <future>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

namespace amphi {

template <>
inline constexpr bool enable_sendable<std::promise<bool>> = true;

namespace {

using namespace std::chrono_literals;

class timeouts : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, timeouts, testing::all_lives(), testing::name_of_life);

task<int> for_ever() {
    co_await sleep_until(never);
    co_return 0;
}
task<int> soon(int value) {
    co_await yield();
    co_return value;
}
task<int> slow_but_sure(int value) {
    while (!this_task::stop_requested()) {
    }
    co_return value;
}

task<> in_time_and_too_late() {
    const int value = co_await timeout(1h, soon, 4);
    EXPECT_EQ(value, 4);
    bool expired = false;
    try {
        (void)co_await timeout(2ms, for_ever);
    } catch (const timed_out& error) {
        // Translated: from here on it is a failure like any other.
        expired = error.owner() == nullptr;
    }
    EXPECT_TRUE(expired);
    EXPECT_FALSE(this_task::stop_requested());
    co_await sleep_for(1ms);
}

TEST_P(timeouts, end_what_takes_too_long_and_nothing_else) {
    run(in_time_and_too_late);
}

task<> value_after_the_deadline() {
    const int value = co_await timeout(2ms, slow_but_sure, 9);
    EXPECT_EQ(value, 9);
}

TEST_P(timeouts, yield_a_value_that_comes_late_by_itself) {
    run(value_after_the_deadline);
}

task<int> inner_is_nearer() {
    try {
        co_return co_await timeout(2ms, for_ever);
    } catch (const timed_out&) {
    }
    co_await yield();  // The outer one still has time.
    co_return 7;
}
task<int> inner_is_farther() {
    co_return co_await timeout(1h, for_ever);
}
task<> nested() {
    const int value = co_await timeout(1h, inner_is_nearer);
    EXPECT_EQ(value, 7);
    bool expired = false;
    try {
        (void)co_await timeout(2ms, inner_is_farther);
    } catch (const timed_out& error) {
        expired = error.owner() == nullptr;
    }
    EXPECT_TRUE(expired);
}

TEST_P(timeouts, nest_and_only_the_one_that_fired_translates) {
    run(nested);
}

task<> children_for_ever() {
    co_await scope([](task_scope& jobs) -> task<> {
        for (int i = 0; i < 3; ++i)
            co_await jobs.spawn(for_ever);
    });
}
task<> children_under_a_deadline() {
    co_await timeout(3ms, children_for_ever);
}

TEST_P(timeouts, reach_the_children_of_a_scope) {
    EXPECT_THROW(run(children_under_a_deadline), timed_out);
}

task<> tells_of_its_deadline(std::promise<bool> by_deadline) {
    try {
        co_await sleep_until(never);
    } catch (const timed_out&) {
        by_deadline.set_value(true);
        throw;
    } catch (const operation_cancelled&) {
        by_deadline.set_value(false);
        throw;
    }
}
task<> waits_outside_of_the_library(bool& by_deadline) {
    co_await scope(
        [](task_scope& jobs, bool& seen) -> task<> {
            std::promise<bool> tell;
            std::future<bool> answer = tell.get_future();
            co_await jobs.spawn_on(async, tells_of_its_deadline, std::move(tell));
            seen = answer.wait_for(1min) == std::future_status::ready && answer.get();
        },
        by_deadline
    );
}

TEST(deadline_of_a_thread, reaches_its_children_on_async_while_the_thread_waits_elsewhere) {
    for (int round = 0; round < 10; ++round) {
        run(threads, []() -> task<> {
            bool by_deadline = false;
            bool expired = false;
            try {
                co_await timeout(50ms, waits_outside_of_the_library, by_deadline);
            } catch (const timed_out&) {
                expired = true;
            }
            EXPECT_TRUE(by_deadline);
            EXPECT_TRUE(expired);
        });
    }
}

task<int> ends_at_once() {
    co_return 1;
}
task<> many_children_in_time() {
    co_await scope([](task_scope& jobs) -> task<> {
        jobs.limit(100);
        for (int i = 0; i < 2000; ++i)
            co_await jobs.spawn_on(async, ends_at_once);
    });
}

TEST(deadline_of_a_thread, is_forgotten_by_children_that_end_before_it) {
    run(threads, []() -> task<> { co_await timeout(1h, many_children_in_time); });
}

task<> cleans_up(bool& cleaned) {
    co_await sleep_for(3ms);
    EXPECT_FALSE(this_task::stop_requested());
    cleaned = true;
}
task<> works_and_cleans_up(bool& cleaned, bool& stopped_after) {
    bool stopped = false;
    try {
        co_await sleep_until(never);
    } catch (const timed_out&) {
        stopped = true;
    }
    EXPECT_TRUE(stopped);
    co_await shield(1h, cleans_up, cleaned);
    stopped_after = this_task::stop_requested();
    co_await yield();  // The mask is gone: this throws.
    ADD_FAILURE() << "a stop is seen at the await after the shield";
}
task<> shielded() {
    bool cleaned = false;
    bool stopped_after = false;
    bool expired = false;
    try {
        co_await timeout(2ms, works_and_cleans_up, cleaned, stopped_after);
    } catch (const timed_out&) {
        expired = true;
    }
    EXPECT_TRUE(expired);
    EXPECT_TRUE(cleaned);
    EXPECT_TRUE(stopped_after);
}

TEST_P(timeouts, are_masked_by_a_shield_and_seen_after_it) {
    run(shielded);
}

task<> shield_of_limited_length() {
    (void)co_await shield(2ms, for_ever);
}

TEST_P(timeouts, limit_a_shield_too) {
    EXPECT_THROW(run(shield_of_limited_length), timed_out);
}

task<> fails() {
    co_await yield();
    throw std::runtime_error("own");
}
task<> fails_in_time() {
    co_await timeout(1h, fails);
}

TEST_P(timeouts, let_a_failure_through) {
    EXPECT_THROW(run(fails_in_time), std::runtime_error);
}

}  // namespace
}  // namespace amphi
