// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/atomic.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/sync/latch.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;

class latches : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, latches, all_lives(), name_of_life);

task<> arrive(borrowed<latch> at, borrowed<detail::atomic<int>> arrived) {
    arrived->fetch_add(1);
    co_await at->arrive_and_wait();
    EXPECT_EQ(arrived->load(), 8);
}

TEST_P(latches, let_go_when_all_have_counted_down) {
    latch all(8);
    detail::atomic<int> arrived{0};
    run(
        [](borrowed<latch> at, borrowed<detail::atomic<int>> count) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<latch>& shared, borrowed<detail::atomic<int>>& counted
                ) -> task<> {
                    for (int i = 0; i < 8; ++i)
                        co_await jobs.spawn(arrive, shared, counted);
                    co_await shared->wait();
                    EXPECT_TRUE(shared->try_wait());
                },
                at,
                count
            );
        },
        all,
        arrived
    );
}

task<> wait_for(borrowed<latch> at) {
    co_await at->wait();
}

TEST_P(latches, are_waited_for_until_a_stop_or_a_deadline) {
    latch all(2);
    run(
        [](borrowed<latch> at) -> task<> {
            co_await expect_stop_ends(wait_for, at);
            co_await expect_deadline_ends(wait_for, at);
            EXPECT_FALSE(at->try_wait());
            at->count_down(2);
            co_await at->wait();
        },
        all
    );
}

TEST(latch, of_none_is_open) {
    latch none(0);
    none.count_down(0);
    EXPECT_TRUE(none.try_wait());
}

}  // namespace
}  // namespace amphi
