// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/sync/condition.hpp>
#include <amphi/sync/mutex.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <chrono>
#include <deque>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;
using namespace std::chrono_literals;

class conditions : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, conditions, all_lives(), name_of_life);

/// A queue as users would build it.
class queue {
public:
    mutex<std::deque<int>> items;
    condition changed;
};

task<int> consume(borrowed<queue> from, int count) {
    int sum = 0;
    for (int i = 0; i < count; ++i) {
        auto guard = co_await from->items.lock();
        co_await from->changed.wait(guard, [](const std::deque<int>& q) { return !q.empty(); });
        sum += guard->front();
        guard->pop_front();
    }
    co_return sum;
}

task<> produce(borrowed<queue> into, int count) {
    for (int i = 1; i <= count; ++i) {
        const auto guard = co_await into->items.lock();
        guard->push_back(i);
        into->changed.notify_one();
    }
}

TEST_P(conditions, carry_everything_from_producers_to_consumers) {
    queue shared;
    const int sum = run(
        [](borrowed<queue> all) -> task<int> {
            int total = 0;
            co_await scope(
                [](task_scope& jobs, borrowed<queue>& q, int& into) -> task<> {
                    auto first = co_await jobs.spawn(consume, q, 300);
                    auto second = co_await jobs.spawn(consume, q, 300);
                    for (int i = 0; i < 3; ++i)
                        co_await jobs.spawn(produce, q, 200);
                    into = co_await first.join();
                    into += co_await second.join();
                },
                all,
                total
            );
            co_return total;
        },
        shared
    );
    EXPECT_EQ(sum, 3 * 200 * 201 / 2);
}

task<> wait_for_more(borrowed<queue> from) {
    auto guard = co_await from->items.lock();
    co_await from->changed.wait(guard);
}

task<> wait_with(borrowed<queue> from, mutex_guard<std::deque<int>>& guard) {
    co_await from->changed.wait(guard);
}

TEST_P(conditions, hold_the_mutex_again_when_a_stop_ends_the_wait) {
    queue shared;
    run(
        [](borrowed<queue> all) -> task<> {
            co_await expect_stop_ends(wait_for_more, all);
            co_await expect_deadline_ends(wait_for_more, all);
            auto guard = co_await all->items.lock();
            bool ended = false;
            try {
                co_await timeout(5ms, wait_with, all, guard);
            } catch (const timed_out&) {
                ended = true;
            }
            EXPECT_TRUE(ended);
            EXPECT_FALSE(all->items.try_lock());
            guard.unlock();
            EXPECT_TRUE(all->items.try_lock());
        },
        shared
    );
}

task<> wait_and_count(borrowed<mutex<int>> waiting, borrowed<condition> on) {
    auto guard = co_await waiting->lock();
    ++*guard;
    co_await on->wait(guard);
    --*guard;
}

TEST_P(conditions, notify_all_who_wait) {
    mutex<int> waiting(0);
    condition on;
    run(
        [](borrowed<mutex<int>> count, borrowed<condition> event) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<mutex<int>>& all, borrowed<condition>& c) -> task<> {
                    for (int i = 0; i < 6; ++i)
                        co_await jobs.spawn(wait_and_count, all, c);
                    for (bool there = false; !there;) {
                        const auto guard = co_await all->lock();
                        there = *guard == 6;
                        if (there) c->notify_all();
                    }
                },
                count,
                event
            );
        },
        waiting,
        on
    );
    EXPECT_EQ(*waiting.try_lock(), 0);
}

}  // namespace
}  // namespace amphi
