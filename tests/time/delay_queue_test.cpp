// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/delay_queue.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/seed.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class delay_queue_in : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, delay_queue_in, testing::all_lives(), testing::name_of_life);

task<> receives_in_order() {
    delay_queue<std::unique_ptr<int>> queue;
    const time_point start = clock::now();
    queue.insert_at(std::make_unique<int>(3), start + 6ms);
    queue.insert_at(std::make_unique<int>(1), start + 2ms);
    queue.insert_at(std::make_unique<int>(4), start + 6ms);
    queue.insert_at(std::make_unique<int>(2), start + 4ms);
    queue.insert_at(std::make_unique<int>(0), start - 1s);
    EXPECT_EQ(queue.size(), 5U);
    queue.close();
    std::vector<int> order;
    while (auto item = co_await queue.receive()) {
        order.push_back(**item);
        EXPECT_GE(clock::now(), start + (**item + 1) / 2 * 2ms - 2ms);
    }
    EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
    EXPECT_GE(clock::now(), start + 6ms);
}

TEST_P(delay_queue_in, gives_each_item_at_its_time) {
    run(receives_in_order);
}

task<> changes_items() {
    delay_queue<std::string> queue;
    const delay_key far = queue.insert("far", 1h);
    const delay_key near = queue.insert("near", 0s);
    const delay_key middle = queue.insert("middle", 1ms);
    EXPECT_TRUE(queue.reset(near, 1h));
    EXPECT_TRUE(queue.reset(far, -1s));
    EXPECT_EQ(queue.remove(middle), "middle");
    EXPECT_EQ(queue.remove(middle), std::nullopt);
    EXPECT_FALSE(queue.reset(middle, 1s));
    std::optional<std::string> item = co_await queue.receive();
    EXPECT_EQ(item, "far");
    EXPECT_FALSE(queue.reset(far, 0s));
    EXPECT_EQ(queue.try_receive(), std::nullopt);
    EXPECT_GT(queue.next_due(), clock::now() + 30min);
    EXPECT_TRUE(queue.reset(near, std::chrono::hours::max()));
    EXPECT_EQ(queue.next_due(), never);
    EXPECT_EQ(queue.remove(near), "near");
    EXPECT_TRUE(queue.empty());
}

TEST_P(delay_queue_in, an_item_can_be_moved_in_time_and_taken_out_by_its_key) {
    run(changes_items);
}

using queue_of_ints = delay_queue<int>;

task<int> receive_one(std::shared_ptr<queue_of_ints> queue) {
    const std::optional<int> item = co_await queue->receive();
    co_return item.value_or(-1);
}

/// Tells when its caller has begun to wait, or is about to.
task<> let_it_wait() {
    for (int turn = 0; turn < 3; ++turn)
        co_await yield();
    co_await sleep_for(1ms);
}

enum class change { insert, reset, remove, close };

/// A receiver on the other side of a change: in this life, or on a plain thread.
auto start_receiver(task_scope& jobs, bool on_a_thread, std::shared_ptr<queue_of_ints> queue) {
    return on_a_thread ? jobs.spawn_on(executor(threads), receive_one, std::move(queue))
                       : jobs.spawn(receive_one, std::move(queue));
}

task<> changed_while_somebody_waits(change what, bool on_a_thread) {
    co_await scope(
        [](task_scope& jobs, change what_is_done, bool thread_waits) -> task<> {
            auto queue = std::make_shared<queue_of_ints>();
            const delay_key far = queue->insert(1, 1h);
            auto waiting = co_await start_receiver(jobs, thread_waits, queue);
            co_await let_it_wait();
            switch (what_is_done) {
            case change::insert:
                queue->insert(2, 1ms);
                break;
            case change::reset:
                queue->reset(far, 1ms);
                break;
            case change::remove:
                queue->close();
                co_await let_it_wait();
                (void)queue->remove(far);
                break;
            case change::close:
                (void)queue->remove(far);
                co_await let_it_wait();
                queue->close();
                break;
            }
            const int got = co_await waiting.join();
            EXPECT_EQ(
                got,
                what_is_done == change::insert  ? 2
                : what_is_done == change::reset ? 1
                                                : -1
            );
        },
        what,
        on_a_thread
    );
}

TEST_P(delay_queue_in, whoever_waits_sees_what_is_changed) {
    for (const change what : {change::insert, change::reset, change::remove, change::close}) {
        run(changed_while_somebody_waits, what, false);
        run(changed_while_somebody_waits, what, true);
    }
}

task<> receive_for_ever() {
    delay_queue<int> queue;
    queue.insert(1, 1h);
    (void)co_await queue.receive();
}
task<> receive_from_an_empty_one() {
    delay_queue<int> queue;
    (void)co_await queue.receive();
}

TEST_P(delay_queue_in, a_deadline_ends_the_wait) {
    run([]() -> task<> {
        co_await testing::expect_deadline_ends(receive_for_ever);
        co_await testing::expect_deadline_ends(receive_from_an_empty_one);
    });
}

TEST_P(delay_queue_in, a_stop_ends_the_wait) {
    run([]() -> task<> {
        co_await testing::expect_stop_ends(receive_for_ever);
        co_await testing::expect_stop_ends(receive_from_an_empty_one);
    });
}

task<> selects() {
    delay_queue<int> queue;
    queue.insert(1, 2ms);
    auto first = co_await select(queue.due(), sleep_for(1h));
    EXPECT_EQ(first.index(), 0U);
    EXPECT_EQ(queue.try_receive(), 1);
    first = co_await select(queue.due(), sleep_for(1ms));
    EXPECT_EQ(first.index(), 1U);
    queue.insert(2, 1h);
    first = co_await select(queue.due(), sleep_for(1ms));
    EXPECT_EQ(first.index(), 1U);
    queue.insert(3, -1s);
    first = co_await select(queue.due(), sleep_for(1h));
    EXPECT_EQ(first.index(), 0U);
}

TEST_P(delay_queue_in, can_be_a_branch_of_select) {
    run(selects);
}

task<std::uint64_t> receive_all(std::shared_ptr<queue_of_ints> queue) {
    std::uint64_t sum = 0;
    while (auto item = co_await queue->receive())
        sum += static_cast<std::uint64_t>(*item);
    co_return sum;
}

task<std::uint64_t> insert_many(std::shared_ptr<queue_of_ints> queue, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uint64_t sum = 0;
    for (int n = 1; n <= 500; ++n) {
        const delay_key key = queue->insert(n, std::chrono::microseconds(random() % 3000));
        sum += static_cast<std::uint64_t>(n);
        if (random() % 4 == 0) {
            const std::optional<int> removed = queue->remove(key);
            if (removed) sum -= static_cast<std::uint64_t>(*removed);
        } else if (random() % 4 == 0) {
            (void)queue->reset(key, std::chrono::microseconds(random() % 3000));
        }
        if (random() % 8 == 0) co_await yield();
    }
    co_return sum;
}

// What was put in and not taken out comes to one of the receivers, in both lives.
task<> many_at_once(std::uint64_t seed) {
    co_await scope(
        [](task_scope& jobs, std::uint64_t& random) -> task<> {
            auto queue = std::make_shared<queue_of_ints>();
            auto receiver_1 = co_await jobs.spawn(receive_all, queue);
            auto receiver_2 = co_await jobs.spawn_on(threads, receive_all, queue);
            auto sender_1 = co_await jobs.spawn(insert_many, queue, random);
            auto sender_2 = co_await jobs.spawn(insert_many, queue, random + 1);
            const std::uint64_t sent_1 = co_await sender_1.join();
            const std::uint64_t sent_2 = co_await sender_2.join();
            queue->close();
            const std::uint64_t received_1 = co_await receiver_1.join();
            const std::uint64_t received_2 = co_await receiver_2.join();
            EXPECT_EQ(received_1 + received_2, sent_1 + sent_2);
        },
        seed
    );
}

TEST_P(delay_queue_in, loses_nothing_between_many) {
    const testing::seeded seeded;
    run(
        [](std::uint64_t seed) -> task<> {
            const time_point until = clock::now() + 300ms;
            for (std::uint64_t round = 0; round < 100 && clock::now() < until; ++round)
                co_await many_at_once(seed + 2 * round);
        },
        seeded.seed()
    );
}

}  // namespace
}  // namespace amphi
