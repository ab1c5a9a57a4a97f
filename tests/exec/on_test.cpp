// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/result.hpp>
#include <amphi/task/thread_state.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/lives.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;

class on_in : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, on_in, testing::all_lives(), testing::name_of_life);

bool this_is_a_worker() {
    return detail::this_thread().worker != nullptr;
}

std::size_t append(std::string& to, const std::string& what) {
    EXPECT_FALSE(this_is_a_worker());
    to += what;
    return to.size();
}

task<> borrows_its_arguments() {
    std::string text = "a";
    const std::size_t size = co_await on(threads, append, text, std::string("bc"));
    EXPECT_EQ(size, 3U);
    EXPECT_EQ(text, "abc");
}

TEST_P(on_in, a_plain_function_runs_on_a_plain_thread_with_the_callers_arguments) {
    run(borrows_its_arguments);
}

std::unique_ptr<int> passes(std::unique_ptr<int> value) {
    return value;
}
int throws(int value) {
    throw std::runtime_error("on " + std::to_string(value));
}

task<> moves_and_throws() {
    auto value = co_await on(threads, passes, std::make_unique<int>(4));
    EXPECT_EQ(*value, 4);
    bool thrown = false;
    try {
        (void)co_await on(threads, throws, 7);
    } catch (const std::runtime_error& error) {
        thrown = std::string(error.what()) == "on 7";
    }
    EXPECT_TRUE(thrown);
    EXPECT_EQ(this_is_a_worker(), on_in::suspends());
}

TEST_P(on_in, values_move_back_and_exceptions_come_back) {
    run(moves_and_throws);
}

task<bool> on_a_worker(int& there) {
    co_await yield();
    ++there;
    co_return this_is_a_worker();
}

task<> there_and_back() {
    const bool before = this_is_a_worker();
    int there = 0;
    const bool suspended = co_await on(async, on_a_worker, there);
    const bool blocked = co_await on(threads, on_a_worker, there);
    EXPECT_TRUE(suspended);
    EXPECT_FALSE(blocked);
    EXPECT_EQ(there, 2);
    EXPECT_EQ(this_is_a_worker(), before);
}

TEST_P(on_in, a_coroutine_goes_to_another_executor_and_comes_back) {
    run(there_and_back);
}

task<> until_stopped(bool& unwound) {
    try {
        co_await sleep_until(never);
    } catch (const timed_out&) {
        unwound = true;
        throw;
    }
}
task<> elsewhere_until_stopped(bool& on_async, bool& on_threads) {
    const auto first = co_await as_result([](bool& b) -> task<> {
        co_await on(async, until_stopped, b);
    }(on_async));
    EXPECT_FALSE(first.has_value());
    co_await on(threads, until_stopped, on_threads);
}
task<> under_a_deadline() {
    bool on_async = false;
    bool on_threads = false;
    bool expired = false;
    try {
        co_await timeout(5ms, elsewhere_until_stopped, on_async, on_threads);
    } catch (const timed_out&) {
        expired = true;
    }
    EXPECT_TRUE(expired);
    EXPECT_TRUE(on_async);
    EXPECT_FALSE(on_threads);  // The deadline had passed: it was not even begun.
}

TEST_P(on_in, a_deadline_goes_along_and_the_caller_waits_for_the_end) {
    run(under_a_deadline);
}

int spins_until_stopped(int& turns) {
    do {
        ++turns;
    } while (!this_task::stop_requested());
    return turns;
}
task<> computes(int& turns) {
    (void)co_await on(threads, spins_until_stopped, turns);
}
task<> stopped_while_it_computes() {
    int turns = 0;
    bool expired = false;
    try {
        co_await timeout(5ms, computes, turns);
    } catch (const timed_out&) {
        expired = true;
    }
    // The call ended by its own value, so there is no timeout to report.
    EXPECT_FALSE(expired);
    EXPECT_GT(turns, 0);
}

TEST_P(on_in, a_plain_function_can_ask_whether_it_should_stop) {
    run(stopped_while_it_computes);
}

}  // namespace
}  // namespace amphi
