// SPDX-License-Identifier: BSL-1.0
// What docs/guides/async_runtime.md promises of the turns of one worker.
#include <amphi/async/runtime.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/time/sleep.hpp>

#include "support/borrowed.hpp"
#include "support/gate.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using testing::borrowed;
using testing::gate;

constexpr std::size_t busy_tasks = 10;
constexpr std::size_t many_tasks = 1'000;  // a worker's own queue holds 256
constexpr std::size_t shared_queue_every = 61;
constexpr std::size_t events_every = 31;
constexpr std::size_t hand_offs_max = 3;
constexpr std::size_t operations_max = 128;

/// One worker's tasks that never run out of work, and how many turns they have had.
struct crowd {
    std::size_t turns = 0;
    bool over = false;
    std::size_t turns_at_start = 0;
    std::size_t turns_waited = 0;
    std::array<std::size_t, busy_tasks> turns_of{};
    std::size_t most_ahead = 0;
};

task<> stays_busy(borrowed<crowd> c, std::size_t self) {
    while (!c->over) {
        ++c->turns;
        ++c->turns_of.at(self);
        const auto [least, most] = std::minmax_element(c->turns_of.begin(), c->turns_of.end());
        c->most_ahead = std::max(c->most_ahead, *most - *least);
        co_await yield();
    }
}

task<> arrives(borrowed<crowd> c) {
    c->turns_waited = c->turns - c->turns_at_start;
    c->over = true;
    co_return;
}

task<> amid_a_crowd(borrowed<crowd> c, task<> (*body)(borrowed<crowd>)) {
    co_await scope(
        [](task_scope& jobs, borrowed<crowd> all, task<> (*f)(borrowed<crowd>)) -> task<> {
            for (std::size_t i = 0; i < busy_tasks; ++i)
                co_await jobs.spawn(stays_busy, all, i);
            co_await jobs.spawn(f, all);
        },
        c,
        body
    );
}

class fairness : public ::testing::Test {
protected:
    crowd amid(task<> (*body)(borrowed<crowd>)) {
        crowd all;
        one().run(amid_a_crowd, borrowed(all), body);
        return all;
    }
    static runtime& one() {
        static runtime made(runtime_options().workers(1));
        return made;
    }
};

TEST_F(fairness, of_tasks_that_always_yield_none_is_a_turn_ahead_of_the_others) {
    const crowd seen = amid([](borrowed<crowd> c) -> task<> {
        for (int i = 0; i < 1'000; ++i)
            co_await yield();
        c->over = true;
    });
    EXPECT_LE(seen.most_ahead, 1U);
}

TEST_F(fairness, holds_among_more_tasks_than_a_workers_queue_has_room_for) {
    struct round {
        std::array<std::size_t, many_tasks> turns_of{};
        bool over = false;
        std::size_t least = 0;
        std::size_t most = 0;
    };
    const auto all = std::make_unique<round>();
    one().run(
        [](borrowed<round> r) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<round> of) -> task<> {
                    const auto busy = [](borrowed<round> own, std::size_t self) -> task<> {
                        while (!own->over) {
                            ++own->turns_of.at(self);
                            co_await yield();
                        }
                    };
                    for (std::size_t i = 0; i < many_tasks; ++i)
                        co_await jobs.spawn(busy, of, i);
                    for (int i = 0; i < 100; ++i)
                        co_await yield();
                    const auto [least, most] =
                        std::minmax_element(of->turns_of.begin(), of->turns_of.end());
                    of->least = *least;
                    of->most = *most;
                    of->over = true;
                },
                r
            );
        },
        borrowed(*all)
    );
    EXPECT_GE(all->least, 50U);
    // The queues do not hand on in one order: a task may be ahead by what two of them differ in.
    EXPECT_LE(all->most, all->least + 10);
}

TEST_F(fairness, a_task_from_outside_waits_for_61_turns_at_most) {
    const crowd seen = amid([](borrowed<crowd> c) -> task<> {
        // On this worker, which has no turn meanwhile.
        std::thread([c] { one().spawn(arrives, c); }).join();
        c->turns_at_start = c->turns;
        co_return;
    });
    EXPECT_TRUE(seen.over);
    EXPECT_LE(seen.turns_waited, shared_queue_every);
}

TEST_F(fairness, a_time_that_has_come_is_seen_after_31_turns_at_most) {
    const crowd seen = amid([](borrowed<crowd> c) -> task<> {
        co_await scope(
            [](task_scope& jobs, borrowed<crowd> all) -> task<> {
                const auto sleeps = [](borrowed<crowd> of) -> task<> {
                    co_await sleep_for(1ms);
                    co_await arrives(of);
                };
                co_await jobs.spawn(sleeps, all);
                co_await yield();  // It has begun to sleep when this task runs again.
                const time_point due = clock::now() + 1ms;
                while (clock::now() <= due) {
                }
                all->turns_at_start = all->turns;
            },
            c
        );
    });
    EXPECT_TRUE(seen.over);
    EXPECT_LE(seen.turns_waited, events_every + busy_tasks);
}

TEST_F(fairness, an_operation_that_is_always_ready_gives_way_after_128) {
    struct race {
        std::size_t done = 0;
        std::size_t done_before = 0;
        bool over = false;
    } seen;
    one().run(
        [](borrowed<race> r) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<race> both) -> task<> {
                    const auto greedy = [](borrowed<race> own) -> task<> {
                        gate open;
                        open.open();
                        for (; !own->over; ++own->done)
                            co_await open.pass();
                    };
                    const auto modest = [](borrowed<race> own) -> task<> {
                        own->done_before = own->done;
                        own->over = true;
                        co_return;
                    };
                    co_await jobs.spawn(greedy, both);
                    co_await jobs.spawn(modest, both);
                },
                r
            );
        },
        borrowed(seen)
    );
    EXPECT_GT(seen.done_before, 0U);
    EXPECT_LE(seen.done_before, operations_max);
}

/// Two tasks that wake each other in turn, each the other's next.
struct ping_pong {
    std::array<gate, 2'000> turns;
    std::size_t turn = 0;
    std::size_t turns_before = 0;
};

task<> play(borrowed<ping_pong> game, std::size_t first) {
    for (std::size_t turn = first; turn + 1 < game->turns.size(); turn += 2) {
        co_await game->turns[turn].pass();
        ++game->turn;
        game->turns[turn + 1].open();
    }
}

TEST_F(fairness, two_that_wake_each_other_have_3_turns_between_those_of_the_queue) {
    const auto game = std::make_unique<ping_pong>();
    one().run(
        [](borrowed<ping_pong> g) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<ping_pong> p) -> task<> {
                    const auto stranger = [](borrowed<ping_pong> seen) -> task<> {
                        seen->turns_before = seen->turn;
                        co_return;
                    };
                    co_await jobs.spawn(play, p, 0U);
                    co_await jobs.spawn(play, p, 1U);
                    co_await yield();  // Both wait for their first turn.
                    p->turns[0].open();
                    co_await jobs.spawn(stranger, p);
                },
                g
            );
        },
        borrowed(*game)
    );
    EXPECT_EQ(game->turn, game->turns.size() - 1);
    EXPECT_GT(game->turns_before, 0U);
    EXPECT_LE(game->turns_before, hand_offs_max + 1);
}

}  // namespace
}  // namespace amphi
