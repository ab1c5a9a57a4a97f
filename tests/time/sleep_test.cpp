// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>

#include "support/lives.hpp"

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;

class sleeps : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, sleeps, testing::all_lives(), testing::name_of_life);

task<> naps() {
    const time_point start = clock::now();
    co_await sleep_for(3ms);
    EXPECT_GE(clock::now(), start + 3ms);
    co_await sleep_until(start + 5ms);
    EXPECT_GE(clock::now(), start + 5ms);
    // Nothing to wait for.
    co_await sleep_for(0s);
    co_await sleep_for(-1h);
    co_await sleep_for(std::chrono::nanoseconds::min());
    co_await sleep_until(time_point::min());
}

TEST_P(sleeps, last_at_least_as_long_as_asked) {
    run(naps);
}

static_assert(sizeof(detail::sleep_operation) == 56);

task<> one_nap_in_two_waits() {
    const time_point end = clock::now() + 20ms;
    auto nap = sleep_until(end);
    const auto first = co_await select(nap, sleep_for(1ms));
    EXPECT_EQ(first.index(), 1U);
    co_await nap;
    EXPECT_GE(clock::now(), end);
    const auto second = co_await select(sleep_for(1h), nap);
    EXPECT_EQ(second.index(), 1U);
}

TEST_P(sleeps, may_be_a_branch_and_then_awaited_alone) {
    run(one_nap_in_two_waits);
}

task<> until_stopped(bool& stopped, time_point until) {
    try {
        co_await sleep_until(until);
    } catch (const operation_cancelled&) {
        stopped = true;
        throw;
    }
}

task<bool> nap_until_stopped(time_point until) {
    bool ended = false;
    try {
        co_await until_stopped(ended, until);
    } catch (const operation_cancelled&) {
        co_return ended;
    }
    co_return false;
}

task<bool> stop_a_nap(task_scope& jobs, time_point until) {
    auto nap = co_await jobs.spawn(nap_until_stopped, until);
    co_await sleep_for(1ms);
    nap.request_stop();
    co_return co_await nap.join();
}

task<int> stopped_naps() {
    const std::vector<time_point> ends{
        never, saturating_add(clock::now(), std::chrono::hours::max()), clock::now() + 24h
    };
    int stopped = 0;
    for (const time_point end : ends) {
        const bool ended = co_await scope(stop_a_nap, end);
        stopped += ended ? 1 : 0;
    }
    co_return stopped;
}

TEST_P(sleeps, are_ended_by_a_stop_however_long_they_are) {
    EXPECT_EQ(run(stopped_naps), 3);
}

std::vector<int> noted;
detail::lock noting;

task<> nap(int milliseconds) {
    co_await sleep_for(std::chrono::milliseconds(milliseconds));
    const detail::lock_guard held(noting);
    noted.push_back(milliseconds);
}

task<> many_naps() {
    noted.clear();
    co_await scope([](task_scope& jobs) -> task<> {
        for (const int milliseconds : {60, 20, 40, 1, 80})
            co_await jobs.spawn(nap, milliseconds);
    });
}

TEST_P(sleeps, end_in_the_order_of_their_times) {
    run(many_naps);
    EXPECT_EQ(noted, (std::vector<int>{1, 20, 40, 60, 80}));
}

task<int> a_great_many() {
    int ended = 0;
    co_await scope(
        [](task_scope& jobs, int& all) -> task<> {
            for (int i = 0; i < 20'000; ++i)
                co_await jobs.spawn([](int n) -> task<> { co_await sleep_for(n * 1us); }, i % 977);
            all = 1;
        },
        ended
    );
    co_return ended;
}

TEST(sleep_on_async, is_cheap_enough_for_very_many) {
    EXPECT_EQ(amphi::run(amphi::async, a_great_many), 1);
}

}  // namespace
}  // namespace amphi
