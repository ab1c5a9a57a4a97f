// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/atomic.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/when.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/result.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/lives.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;

class when_in : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, when_in, testing::all_lives(), testing::name_of_life);

detail::atomic<int> ended{0};

class counts_its_end {
public:
    counts_its_end() = default;
    ~counts_its_end() { ended.fetch_add(1, std::memory_order_relaxed); }
    counts_its_end(const counts_its_end&) = delete;
    counts_its_end& operator=(const counts_its_end&) = delete;
};

task<int> soon(int value) {
    co_await yield();
    co_return value;
}
task<std::string> text() {
    co_return "text";
}
task<> nothing() {
    co_await yield();
}
task<int> for_ever() {
    const counts_its_end counted;
    co_await sleep_until(never);
    co_return 0;
}
task<int> fails() {
    co_await yield();
    throw std::runtime_error("branch");
}
task<int> fails_when_stopped() {
    const auto slept = co_await as_result(for_ever());
    if (!slept) throw std::runtime_error("late");
    co_return 0;
}

task<> all_values() {
    const auto [number, words, none] = co_await when_all(call(soon, 4), call(text), call(nothing));
    EXPECT_EQ(number, 4);
    EXPECT_EQ(words, "text");
    (void)none;
}

TEST_P(when_in, all_yields_every_value) {
    run(all_values);
}

task<> meet_one(detail::atomic<int>* mine, detail::atomic<int>* other) {
    mine->store(1);
    while (other->load() == 0)
        co_await yield();
}

detail::atomic<int> first_here{0};
detail::atomic<int> second_here{0};
task<> first_branch() {
    co_await meet_one(&first_here, &second_here);
}
task<> second_branch() {
    co_await meet_one(&second_here, &first_here);
}
task<> both_branches() {
    first_here = 0;
    second_here = 0;
    (void)co_await when_all(call(first_branch), call(second_branch));
}

TEST_P(when_in, branches_are_concurrent) {
    run(both_branches);
}

task<> all_with_a_failure() {
    ended = 0;
    (void)co_await when_all(call(for_ever), call(fails), call(for_ever));
}

TEST_P(when_in, all_throws_the_first_failure_after_every_branch_has_ended) {
    EXPECT_THROW(run(all_with_a_failure), std::runtime_error);
    EXPECT_EQ(ended.load(), 2);
}

task<std::size_t> any_of_three() {
    ended = 0;
    const auto first = co_await when_any(call(for_ever), call(soon, 9), call(for_ever));
    EXPECT_EQ(ended.load(), 2);
    EXPECT_EQ(std::get<1>(first), 9);
    co_return first.index();
}

TEST_P(when_in, any_yields_the_first_value_after_the_losers_have_ended) {
    EXPECT_EQ(run(any_of_three), 1U);
}

task<> any_with_a_late_failure() {
    (void)co_await when_any(call(soon, 1), call(fails_when_stopped));
}

TEST_P(when_in, any_loses_no_failure_of_a_loser) {
    EXPECT_THROW(run(any_with_a_late_failure), std::runtime_error);
}

task<> any_for_ever() {
    (void)co_await when_any(call(for_ever), call(for_ever));
}
task<> all_for_ever() {
    (void)co_await when_all(call(for_ever), call(for_ever));
}
task<> any_under_a_timeout() {
    co_await timeout(5ms, any_for_ever);
}
task<> all_under_a_timeout() {
    co_await timeout(5ms, all_for_ever);
}

TEST_P(when_in, a_deadline_ends_all_branches) {
    ended = 0;
    EXPECT_THROW(run(any_under_a_timeout), timed_out);
    EXPECT_EQ(ended.load(), 2);
    EXPECT_THROW(run(all_under_a_timeout), timed_out);
    EXPECT_EQ(ended.load(), 4);
}

task<> stopped_from_outside() {
    co_await scope([](task_scope& jobs) -> task<> {
        auto any = co_await jobs.spawn(any_for_ever);
        auto all = co_await jobs.spawn(all_for_ever);
        co_await yield();
        any.request_stop();
        all.request_stop();
        const auto first = co_await as_result([](auto& h) -> task<> { co_await h.join(); }(any));
        const auto second = co_await as_result([](auto& h) -> task<> { co_await h.join(); }(all));
        EXPECT_FALSE(first.has_value());
        EXPECT_FALSE(second.has_value());
    });
}

TEST_P(when_in, a_stop_ends_all_branches) {
    ended = 0;
    run(stopped_from_outside);
    EXPECT_EQ(ended.load(), 4);
}

TEST(when, a_branch_that_is_never_awaited_never_runs) {
    ended = 0;
    {
        const auto unused = call(for_ever);
    }
    EXPECT_EQ(ended.load(), 0);
}

}  // namespace
}  // namespace amphi
