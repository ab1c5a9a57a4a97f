// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/compute/join.hpp>
#include <amphi/compute/on.hpp>
#include <amphi/compute/pool.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/thread_state.hpp>
#include <amphi/time/timeout.hpp>

#include "support/lives.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;

class on_compute : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, on_compute, testing::all_lives(), testing::name_of_life);

bool this_is_a_compute_thread() {
    return detail::compute_worker_of(detail::this_thread()) != nullptr;
}

std::size_t append(std::string& to, const std::string& what) {
    EXPECT_TRUE(this_is_a_compute_thread());
    to += what;
    return to.size();
}

task<> borrows_its_arguments() {
    std::string text = "a";
    const std::size_t size = co_await on(compute, append, text, std::string("bc"));
    EXPECT_EQ(size, 3U);
    EXPECT_EQ(text, "abc");
    EXPECT_FALSE(this_is_a_compute_thread());
}

TEST_P(on_compute, a_plain_function_runs_with_the_callers_arguments) {
    run(borrows_its_arguments);
}

std::unique_ptr<int> passes(std::unique_ptr<int> value) {
    return value;
}
int throws(int value) {
    throw std::runtime_error("on " + std::to_string(value));
}

task<> moves_and_throws() {
    const auto back = co_await on(compute, passes, std::make_unique<int>(3));
    EXPECT_EQ(*back, 3);
    bool thrown = false;
    try {
        (void)co_await on(compute, throws, 5);
    } catch (const std::runtime_error& error) {
        thrown = error.what() == std::string("on 5");
    }
    EXPECT_TRUE(thrown);
}

TEST_P(on_compute, the_result_moves_back_and_an_exception_too) {
    run(moves_and_throws);
}

std::uint64_t fibonacci(unsigned n) {
    if (n < 2) return n;
    const auto [a, b] = join([n] { return fibonacci(n - 1); }, [n] { return fibonacci(n - 2); });
    return a + b;
}

task<std::uint64_t> forks_inside() {
    const compute_pool pool(compute_options{}.workers(2));
    co_return co_await on(pool, fibonacci, 15U);
}

TEST_P(on_compute, a_pool_of_ones_own_forks_inside_itself) {
    EXPECT_EQ(run(forks_inside), 610U);
}

/// Both halves at once, so that one is not on the thread that forked it.
int wait_for_stop_in_both_halves() {
    const auto wait = [] {
        while (!this_task::stop_requested())
            std::this_thread::yield();
        return 1;
    };
    const auto [first, second] = join(wait, wait);
    return first + second;
}

task<> is_stopped_by_a_timeout() {
    const compute_pool pool(compute_options{}.workers(2));
    const auto body = [](const compute_pool& on_it) -> task<int> {
        co_return co_await on(on_it, wait_for_stop_in_both_halves);
    };
    // It ends by itself: that is returned, even if late.
    const int stopped = co_await timeout(20ms, body, pool);
    EXPECT_EQ(stopped, 2);
}

TEST_P(on_compute, a_stop_is_seen_inside_on_every_thread) {
    run(is_stopped_by_a_timeout);
}

void nobody_calls_this() {
    ADD_FAILURE();
}

task<> is_refused_after_a_stop(bool& refused) {
    co_await scope(
        [](task_scope& jobs, bool& told) -> task<> {
            jobs.request_stop();
            try {
                co_await on(compute, nobody_calls_this);
            } catch (const operation_cancelled&) {
                told = true;
                throw;
            }
        },
        refused
    );
}

TEST_P(on_compute, does_not_begin_after_a_stop) {
    run([]() -> task<> {
        bool refused = false;
        co_await is_refused_after_a_stop(refused);
        EXPECT_TRUE(refused);
    });
}

}  // namespace
}  // namespace amphi
