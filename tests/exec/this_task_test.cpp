// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/time/timeout.hpp>

#include "support/lives.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;

class this_tasks : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(
    lives, this_tasks, amphi::testing::all_lives(), amphi::testing::name_of_life
);

TEST(this_task_outside_of_tasks, is_never_asked_to_stop) {
    EXPECT_FALSE(this_task::stop_requested());
    EXPECT_EQ(this_task::deadline(), never);
}

task<time_point> deadline_after_a_yield() {
    co_await yield();
    co_return this_task::deadline();
}

TEST_P(this_tasks, know_the_nearest_deadline) {
    run([]() -> task<> {
        EXPECT_EQ(this_task::deadline(), never);
        const auto before = clock::now();
        const auto nested = []() -> task<time_point> {
            const time_point inner = co_await timeout(1h, deadline_after_a_yield);
            EXPECT_EQ(this_task::deadline(), inner) << "the one outside is nearer";
            const time_point nearer = co_await timeout(1s, deadline_after_a_yield);
            EXPECT_LT(nearer, inner);
            co_return inner;
        };
        const time_point found = co_await timeout(1min, nested);
        EXPECT_GE(found, before + 1min);
        EXPECT_LE(found, clock::now() + 1min);
        EXPECT_EQ(this_task::deadline(), never);
    });
}

TEST_P(this_tasks, see_a_stop_and_a_deadline_without_an_await) {
    run([]() -> task<> {
        const auto stopped = [](task_scope& jobs) -> task<> {
            EXPECT_FALSE(this_task::stop_requested());
            jobs.request_stop();
            EXPECT_TRUE(this_task::stop_requested());
            co_return;
        };
        co_await scope(stopped);
        EXPECT_FALSE(this_task::stop_requested());

        const auto computes = []() -> task<> {
            while (!this_task::stop_requested()) {
            }
            co_return;
        };
        co_await timeout(2ms, computes);
        EXPECT_FALSE(this_task::stop_requested());
    });
}

}  // namespace
