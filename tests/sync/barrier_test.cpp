// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/atomic.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/sync/barrier.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;

class barriers : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, barriers, all_lives(), name_of_life);

class race {
public:
    barrier line{4};
    detail::atomic<int> steps{0};
    detail::atomic<int> last_ones{0};
};

task<> run_phases(borrowed<race> in) {
    for (int phase = 1; phase <= 50; ++phase) {
        in->steps.fetch_add(1);
        const bool last = co_await in->line.arrive_and_wait();
        if (last) in->last_ones.fetch_add(1);
        EXPECT_GE(in->steps.load(), 4 * phase);
        EXPECT_LT(in->steps.load(), 4 * (phase + 1));
    }
}

TEST_P(barriers, keep_all_in_the_same_phase) {
    race of;
    run(
        [](borrowed<race> in) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<race>& shared) -> task<> {
                    for (int i = 0; i < 4; ++i)
                        co_await jobs.spawn(run_phases, shared);
                },
                in
            );
        },
        of
    );
    EXPECT_EQ(of.last_ones.load(), 50);
}

task<> arrive(borrowed<barrier> at) {
    (void)co_await at->arrive_and_wait();
}

TEST_P(barriers, take_back_the_arrival_of_one_who_is_stopped) {
    barrier line(2);
    run(
        [](borrowed<barrier> at) -> task<> {
            co_await expect_stop_ends(arrive, at);
            co_await expect_deadline_ends(arrive, at);
            co_await scope(
                [](task_scope& jobs, borrowed<barrier>& shared) -> task<> {
                    co_await jobs.spawn(arrive, shared);
                    (void)co_await shared->arrive_and_wait();
                },
                at
            );
        },
        line
    );
}

TEST_P(barriers, go_on_without_those_who_drop_out) {
    barrier line(3);
    run(
        [](borrowed<barrier> at) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<barrier>& shared) -> task<> {
                    co_await jobs.spawn(arrive, shared);
                    co_await jobs.spawn(arrive, shared);
                    shared->arrive_and_drop();
                },
                at
            );
            at->arrive_and_drop();
            const bool alone = co_await at->arrive_and_wait();
            EXPECT_TRUE(alone);
        },
        line
    );
}

TEST(barrier, is_not_dropped_out_of_more_often_than_tasks_take_part) {
    barrier pair(2);
    pair.arrive_and_drop();
    pair.arrive_and_drop();
    EXPECT_DEATH(pair.arrive_and_drop(), "expected_ > 0");
}

}  // namespace
}  // namespace amphi
