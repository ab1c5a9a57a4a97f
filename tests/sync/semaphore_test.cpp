// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/atomic.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/sync/semaphore.hpp>
#include <amphi/time/sleep.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;
using namespace std::chrono_literals;

class semaphores : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, semaphores, all_lives(), name_of_life);

class gauge {
public:
    explicit gauge(std::size_t permits) : places(permits) {}

    semaphore places;
    detail::atomic<int> inside{0};
    detail::atomic<int> most{0};
};

task<> use_places(borrowed<gauge> of, int wanted) {
    for (int i = 0; i < 100; ++i) {
        const auto permits = co_await of->places.acquire(static_cast<std::size_t>(wanted));
        const int now = of->inside.fetch_add(wanted) + wanted;
        int most = of->most.load();
        while (now > most && !of->most.compare_exchange_strong(most, now)) {
        }
        if (i % 4 == 0) co_await yield();
        of->inside.fetch_sub(wanted);
    }
}

TEST_P(semaphores, admit_as_many_as_there_are_permits) {
    gauge of(5);
    run(
        [](borrowed<gauge> shared) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<gauge>& all) -> task<> {
                    for (int i = 0; i < 9; ++i)
                        co_await jobs.spawn(use_places, all, i % 3 + 1);
                },
                shared
            );
        },
        of
    );
    EXPECT_LE(of.most.load(), 5);
    EXPECT_EQ(of.places.available(), 5U);
}

task<> take_and_note(borrowed<semaphore> from, borrowed<std::vector<int>> turns, int wanted) {
    const auto permits = co_await from->acquire(static_cast<std::size_t>(wanted));
    turns->push_back(wanted);
}

TEST_P(semaphores, let_nobody_pass_who_wants_less) {
    semaphore places(4);
    std::vector<int> turns;
    run(
        [](borrowed<semaphore> from, borrowed<std::vector<int>> order) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<semaphore>& all, borrowed<std::vector<int>>& out
                ) -> task<> {
                    auto held = co_await all->acquire(3);
                    co_await jobs.spawn(take_and_note, all, out, 4);
                    co_await sleep_for(10ms);
                    EXPECT_FALSE(all->try_acquire(1));  // One is free, but another was first.
                    co_await jobs.spawn(take_and_note, all, out, 1);
                    co_await sleep_for(10ms);
                    held.release();
                },
                from,
                order
            );
        },
        places,
        turns
    );
    EXPECT_EQ(turns, (std::vector<int>{4, 1}));
    EXPECT_EQ(places.available(), 4U);
}

task<> take(borrowed<semaphore> from, int wanted) {
    const auto permits = co_await from->acquire(static_cast<std::size_t>(wanted));
}

TEST_P(semaphores, lose_no_permit_to_a_stop_and_let_those_behind_go_on) {
    semaphore places(2);
    run(
        [](borrowed<semaphore> shared) -> task<> {
            int too_many = 3;
            co_await expect_stop_ends(take, shared, too_many);
            co_await expect_deadline_ends(take, shared, too_many);
            co_await scope(
                [](task_scope& jobs, borrowed<semaphore>& all) -> task<> {
                    auto greedy = co_await jobs.spawn(take, all, 3);
                    co_await sleep_for(10ms);
                    auto modest = co_await jobs.spawn(take, all, 1);
                    co_await sleep_for(10ms);
                    EXPECT_FALSE(modest.done());
                    greedy.request_stop();
                    co_await modest.join();
                },
                shared
            );
        },
        places
    );
    EXPECT_EQ(places.available(), 2U);
}

TEST(semaphore, takes_new_permits_and_forgets_old_ones) {
    semaphore places(1);
    auto first = places.try_acquire();
    EXPECT_TRUE(first);
    EXPECT_EQ(first.count(), 1U);
    EXPECT_FALSE(places.try_acquire());
    places.release(2);
    EXPECT_TRUE(places.try_acquire(2));
    first.forget();
    EXPECT_FALSE(first);
    EXPECT_EQ(first.count(), 0U);
    first = places.try_acquire(2);
    EXPECT_TRUE(first);
    EXPECT_EQ(places.available(), 0U);
    auto moved = std::move(first);
    moved.release();
    EXPECT_EQ(places.available(), 2U);
}

TEST(semaphore, refuses_more_permits_than_it_can_count) {
    EXPECT_DEATH(semaphore(semaphore::permits_max + 1), "permits <= permits_max");
    semaphore full(semaphore::permits_max);
    EXPECT_DEATH(full.release(), "permits_max");
    EXPECT_FALSE(full.try_acquire(semaphore::permits_max + 1));
    EXPECT_TRUE(full.try_acquire(semaphore::permits_max));
}

}  // namespace
}  // namespace amphi
