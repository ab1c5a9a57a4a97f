// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/timer.hpp>
#include <amphi/base/clock.hpp>

#include "async/timer_queue.hpp"
#include "support/build.hpp"
#include "support/seed.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using amphi::never;
using amphi::time_point;
using amphi::detail::timer_queue;

/// Notes that it has expired, and when in the order of all.
class noted_timer final : public amphi::detail::timer {
public:
    int order = 0;

private:
    void expire() noexcept override { order = ++last; }
    inline static int last = 0;
};

const time_point start = amphi::clock::now();

TEST(timer_queue, is_empty_at_first) {
    timer_queue queue;
    EXPECT_EQ(queue.next(), never);
    EXPECT_FALSE(queue.expire_until(never));
}

TEST(timer_queue, expires_what_is_due_in_order_and_leaves_the_rest) {
    timer_queue queue;
    std::array<noted_timer, 4> timers;
    queue.add(timers[0], start + 3s);
    queue.add(timers[1], start + 1s);
    queue.add(timers[2], start + 4s);
    queue.add(timers[3], start + 2s);
    EXPECT_EQ(queue.next(), start + 1s);
    EXPECT_FALSE(queue.expire_until(start + 1s - 1ns));
    EXPECT_TRUE(queue.expire_until(start + 3s));
    EXPECT_LT(timers[1].order, timers[3].order);
    EXPECT_LT(timers[3].order, timers[0].order);
    EXPECT_EQ(timers[2].order, 0);
    EXPECT_EQ(queue.next(), start + 4s);
    queue.remove(timers[2]);
    EXPECT_EQ(queue.next(), never);
}

TEST(timer_queue, forgets_what_is_removed) {
    timer_queue queue;
    noted_timer removed;
    noted_timer kept;
    queue.add(removed, start);
    queue.add(kept, start);
    queue.remove(removed);
    queue.remove(removed);
    EXPECT_TRUE(queue.expire_until(start));
    EXPECT_EQ(removed.order, 0);
    EXPECT_NE(kept.order, 0);
    queue.remove(kept);
    queue.add(removed, start + 1s);
    EXPECT_TRUE(queue.expire_until(start + 1s));
    EXPECT_NE(removed.order, 0);
}

// Against a sorted set: additions, removals anywhere in the heap, and the passing of time.
TEST(timer_queue, behaves_as_a_sorted_set_does) {
    const amphi::testing::seeded random_run;
    std::mt19937_64 random(random_run.seed());
    timer_queue queue;
    std::array<noted_timer, 300> timers;
    std::set<std::pair<time_point, std::size_t>> model;
    std::vector<time_point> when(timers.size(), never);
    time_point now = start;
    for (int step = 0; step < 50'000; ++step) {
        const std::size_t i = random() % timers.size();
        if (when[i] == never) {
            when[i] = now + std::chrono::milliseconds(1 + random() % 100);
            timers[i].order = 0;
            queue.add(timers[i], when[i]);
            model.emplace(when[i], i);
        } else if (random() % 4 != 0) {
            queue.remove(timers[i]);
            model.erase({when[i], i});
            when[i] = never;
        } else {
            now += std::chrono::milliseconds(random() % 10);
            queue.expire_until(now);
            while (!model.empty() && model.begin()->first <= now) {
                const std::size_t due = model.begin()->second;
                ASSERT_NE(timers[due].order, 0);
                when[due] = never;
                model.erase(model.begin());
            }
        }
        ASSERT_EQ(queue.next(), model.empty() ? never : model.begin()->first);
    }
    for (const auto& [time, i] : model) {
        ASSERT_EQ(timers[i].order, when[i] == never ? timers[i].order : 0);
        queue.remove(timers[i]);
    }
}

class flag_timer final : public amphi::detail::timer {
public:
    std::atomic<bool> alive{true};
    std::atomic<int> expired{0};

private:
    void expire() noexcept override {
        EXPECT_TRUE(alive.load()) << "removed, and expired afterwards";
        expired.fetch_add(1);
    }
};

// A task that sleeps is stolen, and cancelled where it woke last: timers are taken out by threads
// that do not own the queue, while they expire. After `remove` nothing touches the timer.
TEST(timer_queue, lets_any_thread_remove_while_timers_expire) {
    static constexpr int rounds = amphi::testing::sanitized ? 1'000 : 5'000;
    timer_queue queue;
    std::array<std::atomic<flag_timer*>, 2> armed{};
    std::vector<std::jthread> removers;
    for (auto& mine : armed)
        removers.emplace_back([&queue, &mine] {
            for (int round = 0; round < rounds; ++round) {
                flag_timer t;
                mine.store(&t);
                while (mine.load() != nullptr)
                    std::this_thread::yield();
                queue.remove(t);
                t.alive.store(false);
            }
        });
    for (int added = 0; added < 2 * rounds;) {
        for (auto& theirs : armed)
            if (flag_timer* const t = theirs.load()) {
                queue.add(*t, amphi::clock::now());
                ++added;
                theirs.store(nullptr);
            }
        queue.expire_until(amphi::clock::now());
    }
    removers.clear();
    EXPECT_EQ(queue.next(), never);
}

}  // namespace
