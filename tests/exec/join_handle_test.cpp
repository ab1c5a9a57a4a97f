// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/join_handle.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/task_local.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/result.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/counted.hpp"
#include "support/gate.hpp"
#include "support/lives.hpp"

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::borrowed;
using amphi::testing::counted;
using amphi::testing::gate;

class join_handles : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(
    lives, join_handles, amphi::testing::all_lives(), amphi::testing::name_of_life
);

task<int> value_after(borrowed<gate> opened, int value) {
    co_await opened->pass();
    co_return value;
}

TEST_P(join_handles, wait_for_a_task_that_runs) {
    run([]() -> task<> {
        gate opened;
        co_await scope(
            [](task_scope& jobs, gate& g) -> task<> {
                auto handle = co_await jobs.spawn(value_after, g, 3);
                EXPECT_FALSE(handle.done());
                g.open();
                const int value = co_await handle.join();
                EXPECT_EQ(value, 3);
                EXPECT_TRUE(handle.done());
            },
            opened
        );
    });
}

TEST_P(join_handles, do_not_wait_for_a_task_that_has_ended) {
    run([]() -> task<> {
        gate opened;
        opened.open();
        co_await scope(
            [](task_scope& jobs, gate& g) -> task<> {
                auto handle = co_await jobs.spawn(value_after, g, 4);
                while (!handle.done())
                    co_await yield();
                const int value = co_await handle.join();
                EXPECT_EQ(value, 4);
            },
            opened
        );
    });
}

TEST_P(join_handles, may_be_dropped_while_the_task_runs) {
    run([]() -> task<> {
        gate opened;
        co_await scope(
            [](task_scope& jobs, gate& g) -> task<> {
                const auto keeps = [](borrowed<gate> open, counted value) -> task<counted> {
                    co_await open->pass();
                    co_return value;
                };
                {
                    const auto dropped = co_await jobs.spawn(keeps, g, counted(1));
                }
                g.open();
            },
            opened
        );
    });
    EXPECT_EQ(counted::alive(), 0);
}

TEST_P(join_handles, may_outlive_their_scope) {
    run([]() -> task<> {
        gate opened;
        opened.open();
        auto handle = co_await scope(
            [](task_scope& jobs, gate& g) -> task<join_handle<int>> {
                auto inner = co_await jobs.spawn(value_after, g, 5);
                co_return inner;
            },
            opened
        );
        EXPECT_TRUE(handle.done());
        const int value = co_await handle.join();
        EXPECT_EQ(value, 5);
    });
}

TEST_P(join_handles, stop_one_child_alone) {
    run([]() -> task<> {
        gate opened;
        co_await scope(
            [](task_scope& jobs, gate& g) -> task<> {
                auto stopped = co_await jobs.spawn(value_after, g, 1);
                auto other = co_await jobs.spawn(value_after, g, 2);
                stopped.request_stop();
                bool cancelled = false;
                try {
                    const int unreached = co_await stopped.join();
                    (void)unreached;
                } catch (const operation_cancelled&) {
                    cancelled = true;
                }
                EXPECT_TRUE(cancelled);
                EXPECT_FALSE(other.done());
                g.open();
                const int value = co_await other.join();
                EXPECT_EQ(value, 2);
            },
            opened
        );
    });
}

TEST_P(join_handles, throw_what_left_the_task) {
    run([]() -> task<> {
        const auto body = [](task_scope& jobs) -> task<> {
            const auto fails = []() -> task<int> {
                co_await yield();
                throw std::out_of_range("left the task");
            };
            auto handle = co_await jobs.spawn(fails);
            const auto joins = [](join_handle<int>& h) -> task<int> {
                const int value = co_await h.join();
                co_return value;
            };
            // The failure stops this body too.
            auto joined = co_await as_result(shield(1min, joins, handle));
            EXPECT_THROW((void)std::move(joined).value(), std::out_of_range);
        };
        auto outcome = co_await as_result(scope(body));
        EXPECT_THROW(std::move(outcome).value(), std::out_of_range);
    });
}

task<> end() {
    co_await yield();
}

TEST_P(join_handles, give_what_came_of_the_task_once) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            const auto joins = [](join_handle<>& h) -> task<> { co_await h.join(); };
            auto handle = co_await jobs.spawn(end);
            co_await joins(handle);
            auto again = co_await as_result(joins(handle));
            EXPECT_THROW(std::move(again).value(), std::logic_error);
        });
    });
}

TEST_P(join_handles, may_join_again_after_a_cancelled_join) {
    run([]() -> task<> {
        gate opened;
        co_await scope(
            [](task_scope& jobs, gate& g) -> task<> {
                auto handle = co_await jobs.spawn(value_after, g, 6);
                const auto joins = [](join_handle<int>& h) -> task<int> {
                    const int value = co_await h.join();
                    co_return value;
                };
                auto first = co_await as_result(timeout(2ms, joins, handle));
                EXPECT_THROW((void)std::move(first).value(), timed_out);
                EXPECT_FALSE(handle.done());
                g.open();
                const int value = co_await handle.join();
                EXPECT_EQ(value, 6);
            },
            opened
        );
    });
}

task<std::uint64_t> call_itself(borrowed<gate> named, borrowed<gate> asked, std::string name) {
    this_task::set_name(std::move(name));
    named->open();
    co_await asked->pass();
    co_return this_task::id();
}

TEST_P(join_handles, tell_name_and_number_while_the_task_runs_and_afterwards) {
    run([]() -> task<> {
        gate named;
        gate asked;
        co_await scope(
            [](task_scope& jobs, gate& n, gate& a) -> task<> {
                auto handle = co_await jobs.spawn(call_itself, n, a, "indexer");
                co_await n.pass();
                EXPECT_EQ(handle.name(), "indexer");
                const std::uint64_t id = handle.id();
                a.open();
                const std::uint64_t own = co_await handle.join();
                EXPECT_EQ(id, own);
                EXPECT_EQ(handle.id(), own);
                EXPECT_EQ(handle.name(), "indexer");

                auto nameless = co_await jobs.spawn(end);
                co_await nameless.join();
                EXPECT_EQ(nameless.name(), "");
                EXPECT_NE(nameless.id(), own);
                EXPECT_NE(nameless.id(), 0U);
                EXPECT_EQ(nameless.id(), nameless.id());
                EXPECT_NE(nameless.id(), this_task::id());
            },
            named,
            asked
        );
    });
}

TEST_P(join_handles, tell_the_name_that_the_thread_was_asked_for) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            auto handle = co_await jobs.spawn_on(threads.name("writer"), end);
            EXPECT_EQ(handle.name(), "writer");
        });
    });
}

// The task asks for both too, and ends meanwhile.
TEST_P(join_handles, tell_both_at_any_time) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            for (int round = 0; round < 200; ++round) {
                const auto asks = []() -> task<std::uint64_t> {
                    static const task_local<int> unset;
                    EXPECT_EQ(unset.get(), nullptr);
                    this_task::set_name("any");
                    co_return this_task::id();
                };
                auto handle = co_await jobs.spawn(asks);
                const std::uint64_t seen = handle.id();
                const std::string name = handle.name();
                EXPECT_TRUE(name.empty() || name == "any") << name;
                const std::uint64_t own = co_await handle.join();
                EXPECT_EQ(seen, own);
            }
        });
    });
}

}  // namespace
