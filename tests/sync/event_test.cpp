// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/atomic.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/sync/event.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;

class events : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, events, all_lives(), name_of_life);

task<> wait_for(borrowed<event> on) {
    co_await on->wait();
}

TEST_P(events, that_stay_set_end_every_wait) {
    event ready;
    run(
        [](borrowed<event> on) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<event>& shared) -> task<> {
                    for (int i = 0; i < 8; ++i)
                        co_await jobs.spawn(wait_for, shared);
                    shared->set();
                },
                on
            );
            EXPECT_TRUE(on->is_set());
            co_await on->wait();
            on->reset();
            EXPECT_FALSE(on->try_wait());
            co_await expect_stop_ends(wait_for, on);
            co_await expect_deadline_ends(wait_for, on);
        },
        ready
    );
}

task<> count_one(borrowed<event> on, borrowed<detail::atomic<int>> passed) {
    co_await on->wait();
    passed->fetch_add(1);
    on->set();  // The next one's turn.
}

TEST_P(events, that_reset_themselves_let_one_go_on_each_time) {
    event turn(event_kind::auto_reset);
    detail::atomic<int> passed{0};
    run(
        [](borrowed<event> on, borrowed<detail::atomic<int>> count) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<event>& shared, borrowed<detail::atomic<int>>& counted
                ) -> task<> {
                    for (int i = 0; i < 20; ++i)
                        co_await jobs.spawn(count_one, shared, counted);
                    shared->set();
                },
                on,
                count
            );
            co_await expect_stop_ends(
                [](borrowed<event> of) -> task<> {
                    co_await of->wait();  // The last one's set.
                    co_await of->wait();
                },
                on
            );
        },
        turn,
        passed
    );
    EXPECT_EQ(passed.load(), 20);
    EXPECT_FALSE(turn.is_set());
    turn.set();
    turn.set();
    EXPECT_TRUE(turn.try_wait());
    EXPECT_FALSE(turn.try_wait());
}

TEST_P(events, may_be_destroyed_as_soon_as_a_wait_returns) {
    run([]() -> task<> {
        for (int i = 0; i < 200; ++i) {
            auto done = std::make_unique<event>();
            std::thread foreign([at = done.get()] { at->set(); });
            co_await done->wait();
            done.reset();
            foreign.join();
        }
    });
}

}  // namespace
}  // namespace amphi
