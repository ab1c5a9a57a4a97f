// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/promise.hpp>

#include "async/local_queue.hpp"
#include "async/shared_queue.hpp"
#include "support/build.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace {

using amphi::detail::local_queue;
using amphi::detail::promise_base;
using amphi::detail::shared_queue;

class local_queue_alone : public ::testing::Test {
protected:
    std::vector<promise_base*> take_all(local_queue& from) {
        std::vector<promise_base*> taken;
        while (promise_base* const frame = from.pop())
            taken.push_back(frame);
        return taken;
    }
    std::vector<promise_base*> take_all(shared_queue& from) {
        std::vector<promise_base*> taken;
        while (promise_base* const frame = from.take(1))
            taken.push_back(frame);
        return taken;
    }
    std::array<promise_base, 600> frames;
    local_queue queue;
    local_queue thief;
    shared_queue overflow;
};

TEST_F(local_queue_alone, is_first_in_first_out_and_wraps) {
    for (int round = 0; round < 10; ++round) {
        for (std::size_t i = 0; i < 100; ++i)
            queue.push(frames[i], overflow);
        EXPECT_FALSE(queue.empty());
        for (std::size_t i = 0; i < 100; ++i) {
            ASSERT_EQ(queue.front(), &frames[i]);
            ASSERT_EQ(queue.pop(), &frames[i]);
        }
        EXPECT_EQ(queue.front(), nullptr);
        EXPECT_EQ(queue.pop(), nullptr);
        EXPECT_TRUE(queue.empty());
    }
    EXPECT_EQ(overflow.size(), 0U);
}

TEST_F(local_queue_alone, gives_half_away_when_it_is_full) {
    for (std::size_t i = 0; i <= local_queue::capacity; ++i)
        queue.push(frames[i], overflow);
    EXPECT_EQ(overflow.size(), local_queue::capacity / 2 + 1);
    std::vector<promise_base*> all = take_all(overflow);
    EXPECT_EQ(all.front(), &frames[0]) << "the oldest half, in order";
    EXPECT_EQ(all.back(), &frames[local_queue::capacity]);
    for (promise_base* frame : take_all(queue))
        all.push_back(frame);
    EXPECT_EQ(all.size(), local_queue::capacity + 1);
}

TEST_F(local_queue_alone, is_robbed_of_half) {
    EXPECT_EQ(queue.steal_into(thief).first, nullptr);
    queue.push(frames[0], overflow);
    EXPECT_EQ(queue.steal_into(thief).first, &frames[0]) << "the half of one is one";
    EXPECT_TRUE(thief.empty());
    for (std::size_t i = 0; i < 9; ++i)
        queue.push(frames[i], overflow);
    EXPECT_EQ(queue.steal_into(thief).first, &frames[4]);
    EXPECT_EQ(take_all(thief).size(), 4U);
    EXPECT_EQ(take_all(queue).size(), 4U);
}

TEST_F(local_queue_alone, is_robbed_of_half_when_full_and_wrapped) {
    for (std::size_t i = 0; i < 200; ++i)
        queue.push(frames[i], overflow);
    (void)take_all(queue);
    for (std::size_t i = 0; i < local_queue::capacity; ++i)
        queue.push(frames[i], overflow);
    EXPECT_NE(queue.steal_into(thief).first, nullptr);
    EXPECT_EQ(take_all(thief).size(), local_queue::capacity / 2 - 1);
    EXPECT_EQ(take_all(queue).size(), local_queue::capacity / 2);
}

TEST_F(local_queue_alone, shares_in_chains) {
    for (std::size_t i = 0; i < 10; ++i)
        overflow.push(frames[i]);
    promise_base* const chain = overflow.take(4);
    std::size_t count = 0;
    for (promise_base* at = chain; at != nullptr; at = at->queue_next, ++count)
        EXPECT_EQ(at, &frames[count]);
    EXPECT_EQ(count, 4U);
    EXPECT_EQ(overflow.size(), 6U);
    EXPECT_EQ(overflow.take(0), nullptr);
    EXPECT_EQ(take_all(overflow).size(), 6U);
    EXPECT_EQ(overflow.take(100), nullptr);
}

// One owner that pushes, pops and overflows, two thieves that steal from it and from each other:
// each frame is taken once.
TEST(local_queue, gives_each_frame_to_one_thread) {
    struct numbered : promise_base {
        std::atomic<int> taken{0};
    };
    const std::size_t count = amphi::testing::sanitized ? 100'000 : 1'000'000;
    std::vector<numbered> frames(count);
    std::array<local_queue, 3> queues;
    shared_queue overflow;
    std::atomic<std::size_t> taken{0};
    const auto take = [&taken](promise_base* frame) {
        if (frame == nullptr) return;
        static_cast<numbered*>(frame)->taken.fetch_add(1, std::memory_order_relaxed);
        taken.fetch_add(1);
    };
    std::vector<std::jthread> thieves;
    for (std::size_t self = 1; self < queues.size(); ++self)
        thieves.emplace_back([&, self] {
            for (std::size_t turn = 0; taken.load() < count; ++turn) {
                local_queue& victim = queues[(self + 1 + turn % 2) % queues.size()];
                take(victim.steal_into(queues[self]).first);
                while (promise_base* const frame = queues[self].pop())
                    take(frame);
                take(overflow.take(1));
            }
        });
    for (std::size_t i = 0; i < count; ++i) {
        queues[0].push(frames[i], overflow);
        if (i % 3 == 0) take(queues[0].pop());
    }
    while (promise_base* const frame = queues[0].pop())
        take(frame);
    while (taken.load() < count)
        take(overflow.take(1));
    thieves.clear();
    for (const numbered& frame : frames)
        ASSERT_EQ(frame.taken.load(), 1);
    EXPECT_EQ(taken.load(), count);
}

}  // namespace
