// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/join_set.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/result.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/counted.hpp"
#include "support/gate.hpp"
#include "support/lives.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::borrowed;
using amphi::testing::counted;
using amphi::testing::gate;

class join_sets : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(
    lives, join_sets, amphi::testing::all_lives(), amphi::testing::name_of_life
);

task<int> value_after(borrowed<gate> opened, int value) {
    co_await opened->pass();
    co_return value;
}

TEST_P(join_sets, give_results_in_the_order_in_which_tasks_end) {
    run([]() -> task<> {
        std::array<gate, 3> gates;
        co_await scope(
            [](task_scope& jobs, auto& g) -> task<> {
                join_set<int> set(jobs);
                for (int i = 0; i < 3; ++i)
                    co_await set.spawn(value_after, g[static_cast<std::size_t>(i)], i);
                EXPECT_EQ(set.size(), 3U);
                for (const int next : {2, 0, 1}) {
                    g[static_cast<std::size_t>(next)].open();
                    const std::optional<int> ended = co_await set.join_next();
                    EXPECT_EQ(ended, next);
                }
                EXPECT_TRUE(set.empty());
                const std::optional<int> none = co_await set.join_next();
                EXPECT_FALSE(none);
            },
            gates
        );
    });
}

task<> nothing() {
    co_return;
}

TEST_P(join_sets, count_tasks_without_a_result) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            join_set<> set(jobs);
            for (int i = 0; i < 10; ++i)
                co_await set.spawn(nothing);
            int ended = 0;
            for (bool any = true; any; ended += any ? 1 : 0)
                any = co_await set.join_next();
            EXPECT_EQ(ended, 10);
        });
    });
}

task<std::string> value_or_failure(bool fails) {
    co_await yield();
    if (fails) throw std::runtime_error("one of them");
    co_return "value";
}

TEST_P(join_sets, fail_with_their_scope) {
    const auto body = []() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            join_set<std::string> set(jobs);
            co_await set.spawn(value_or_failure, true);
            for (;;) {
                const std::optional<std::string> next = co_await set.join_next();
                if (!next) co_return;
            }
        });
    };
    EXPECT_THROW(run(body), std::runtime_error);
}

task<result<std::string>> caught(bool fails) {
    auto ended = co_await as_result(value_or_failure(fails));
    co_return ended;
}

TEST_P(join_sets, whose_tasks_return_results_lose_nobody_to_a_failure) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            join_set<result<std::string>> set(jobs);
            for (int i = 0; i < 6; ++i)
                co_await set.spawn(caught, i % 2 == 0);
            int values = 0;
            while (!set.empty()) {
                const auto next = co_await set.join_next();
                values += next->has_value() ? 1 : 0;
            }
            EXPECT_EQ(values, 3);
        });
    });
}

task<counted> counted_after(borrowed<gate> opened) {
    co_await opened->pass();
    co_return counted();
}

TEST_P(join_sets, may_go_before_their_tasks_and_results) {
    run([]() -> task<> {
        gate opened;
        co_await scope(
            [](task_scope& jobs, gate& g) -> task<> {
                {
                    join_set<counted> set(jobs);
                    for (int i = 0; i < 5; ++i)
                        co_await set.spawn(counted_after, g);
                }
                {
                    join_set<counted> set(jobs);
                    g.open();
                    for (int i = 0; i < 5; ++i)
                        co_await set.spawn(counted_after, g);
                    const std::optional<counted> first = co_await set.join_next();
                    EXPECT_TRUE(first);
                }
            },
            opened
        );
    });
    EXPECT_EQ(counted::alive(), 0);
}

task<std::optional<int>> next_of(join_set<int>& set) {
    co_return co_await set.join_next();
}

TEST_P(join_sets, lose_no_result_to_a_wait_that_was_given_up) {
    run([]() -> task<> {
        gate opened;
        co_await scope(
            [](task_scope& jobs, gate& g) -> task<> {
                join_set<int> set(jobs);
                co_await set.spawn(value_after, g, 5);
                bool gave_up = false;
                try {
                    (void)co_await timeout(2ms, next_of, set);
                } catch (const timed_out&) {
                    gave_up = true;
                }
                EXPECT_TRUE(gave_up);
                const auto first = co_await select(set.join_next(), sleep_for(2ms));
                EXPECT_EQ(first.index(), 1U);
                g.open();
                const std::optional<int> value = co_await set.join_next();
                EXPECT_EQ(value, 5);
            },
            opened
        );
    });
}

TEST_P(join_sets, wait_for_the_room_of_their_scope) {
    run([]() -> task<> {
        gate opened;
        co_await scope(
            [](task_scope& jobs, gate& g) -> task<> {
                jobs.limit(1);
                join_set<int> set(jobs);
                co_await set.spawn(value_after, g, 1);
                bool gave_up = false;
                try {
                    co_await timeout(
                        2ms,
                        [](join_set<int>& into, gate& at) -> task<> {
                            co_await into.spawn(value_after, at, 2);
                        },
                        set,
                        g
                    );
                } catch (const timed_out&) {
                    gave_up = true;
                }
                EXPECT_TRUE(gave_up);
                EXPECT_EQ(set.size(), 1U);
                g.open();
                co_await set.spawn(value_after, g, 3);
                EXPECT_EQ(set.size(), 2U);
            },
            opened
        );
    });
}

task<int> itself(int value) {
    co_return value;
}

TEST_P(join_sets, take_tasks_from_either_executor_under_a_deadline) {
    run([]() -> task<> {
        co_await timeout(1h, []() -> task<> {
            co_await scope([](task_scope& jobs) -> task<> {
                join_set<int> set(jobs);
                for (int i = 0; i < 100; ++i) {
                    const executor where = i % 2 == 0 ? executor(async) : executor(threads);
                    co_await set.spawn_on(where, itself, i);
                }
                std::set<int> seen;
                while (const auto value = co_await set.join_next())
                    seen.insert(*value);
                EXPECT_EQ(seen.size(), 100U);
            });
        });
    });
}

}  // namespace
