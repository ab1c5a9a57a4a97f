// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/sync/mutex.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/waiter.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;
using namespace std::chrono_literals;

class mutexes : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, mutexes, all_lives(), name_of_life);

task<> count_with_a_pause(borrowed<mutex<int>> counter) {
    for (int i = 0; i < 200; ++i) {
        const auto guard = co_await counter->lock();
        const int before = *guard;
        if (i % 8 == 0) co_await yield();
        *guard = before + 1;
    }
}

TEST_P(mutexes, let_one_in_at_a_time) {
    mutex<int> counter(0);
    run(
        [](borrowed<mutex<int>> shared) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<mutex<int>>& all) -> task<> {
                    for (int i = 0; i < 8; ++i)
                        co_await jobs.spawn(count_with_a_pause, all);
                },
                shared
            );
        },
        counter
    );
    EXPECT_EQ(*counter.try_lock(), 1600);
}

TEST_P(mutexes, are_the_same_for_threads_and_tasks) {
    mutex<int> counter(0);
    std::vector<std::thread> foreign;
    for (int i = 0; i < 2; ++i)
        foreign.emplace_back([&counter] {
            for (int n = 0; n < 200; ++n)
                ++*amphi::wait(counter.lock());
        });
    run(count_with_a_pause, counter);
    for (std::thread& t : foreign)
        t.join();
    EXPECT_EQ(*counter.try_lock(), 600);
}

task<> note_turn(borrowed<mutex<std::vector<int>>> turns, int mine) {
    const auto guard = co_await turns->lock();
    guard->push_back(mine);
}

TEST_P(mutexes, are_handed_over_in_turn) {
    mutex<std::vector<int>> turns;
    run(
        [](borrowed<mutex<std::vector<int>>> shared) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<mutex<std::vector<int>>>& all) -> task<> {
                    auto guard = co_await all->lock();
                    for (int i = 0; i < 4; ++i) {
                        co_await jobs.spawn(note_turn, all, i);
                        co_await sleep_for(10ms);  // It stands in the line by then.
                    }
                    guard.unlock();
                },
                shared
            );
        },
        turns
    );
    EXPECT_EQ(*turns.try_lock(), (std::vector<int>{0, 1, 2, 3}));
}

TEST_P(mutexes, refuse_a_second_one_without_waiting) {
    run([]() -> task<> {
        mutex<std::unique_ptr<int>> guarded(std::make_unique<int>(7));
        auto first = co_await guarded.lock();
        EXPECT_FALSE(guarded.try_lock());
        EXPECT_EQ(**first, 7);
        auto moved = std::move(first);
        EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): it is empty, by contract
        EXPECT_FALSE(guarded.try_lock());
        moved.unlock();
        EXPECT_TRUE(guarded.try_lock());
    });
}

task<> lock_and_let_go(borrowed<mutex<>> wanted) {
    const auto guard = co_await wanted->lock();
}

TEST_P(mutexes, are_waited_for_until_a_stop_or_a_deadline) {
    mutex<> held;
    run(
        [](borrowed<mutex<>> shared) -> task<> {
            {
                const auto guard = co_await shared->lock();
                co_await expect_stop_ends(lock_and_let_go, shared);
                co_await expect_deadline_ends(lock_and_let_go, shared);
            }
            const auto again = co_await shared->lock();  // Nobody has it who went away.
        },
        held
    );
    EXPECT_TRUE(held.try_lock());
}

TEST_P(mutexes, that_lose_a_select_are_not_locked) {
    run([]() -> task<> {
        mutex<int> held(0);
        auto guard = co_await held.lock();
        auto locking = held.lock();
        auto sleeping = sleep_for(1ms);
        const auto first = co_await select(locking, sleeping);
        EXPECT_EQ(first.index(), 1U);
        guard.unlock();
        EXPECT_TRUE(held.try_lock());
    });
}

/// An operation that cannot wait. When it is asked first, it lets a mutex go.
class unable_to_wait : public detail::operation<unable_to_wait> {
public:
    explicit unable_to_wait(mutex_guard<>* let_go = nullptr) noexcept : let_go_(let_go) {}

    [[nodiscard]] bool poll() noexcept {
        if (let_go_ != nullptr) let_go_->unlock();
        return false;
    }
    static void publish(detail::ticket) { throw std::length_error("no room"); }
    static void withdraw() noexcept {}
    void result() const noexcept {}

private:
    mutex_guard<>* let_go_;
};

TEST_P(mutexes, are_left_by_a_select_whose_other_branch_fails) {
    run([]() -> task<> {
        mutex<> held;
        {
            const auto guard = co_await held.lock();
            auto locking = held.lock();
            unable_to_wait broken;
            bool thrown = false;
            try {
                (void)co_await select(locking, broken);
            } catch (const std::length_error&) {
                thrown = true;
            }
            EXPECT_TRUE(thrown);
        }
        EXPECT_TRUE(held.try_lock());
    });
}

TEST_P(mutexes, are_not_lost_by_a_select_whose_other_branch_fails) {
    run([]() -> task<> {
        mutex<> held;
        auto guard = co_await held.lock();
        auto locking = held.lock();
        unable_to_wait broken(&guard);
        {
            const auto first = co_await select(locking, broken);
            EXPECT_EQ(first.index(), 0U);
            EXPECT_FALSE(held.try_lock());
        }
        EXPECT_TRUE(held.try_lock());
    });
}

}  // namespace
}  // namespace amphi
