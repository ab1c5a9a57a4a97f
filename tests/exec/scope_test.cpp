// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>

#include "support/borrowed.hpp"
#include "support/counted.hpp"
#include "support/gate.hpp"
#include "support/lives.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using amphi::testing::borrowed;
using amphi::testing::counted;
using amphi::testing::gate;

class scopes : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, scopes, amphi::testing::all_lives(), amphi::testing::name_of_life);

task<> count_up(borrowed<std::atomic<int>> count) {
    co_await yield();
    count->fetch_add(1);
}

TEST_P(scopes, end_after_all_their_children) {
    run([]() -> task<> {
        std::atomic<int> count{0};
        co_await scope(
            [](task_scope& jobs, std::atomic<int>& counter) -> task<> {
                for (int i = 0; i < 50; ++i)
                    (void)co_await jobs.spawn(count_up, counter);
            },
            count
        );
        EXPECT_EQ(count.load(), 50);
    });
}

TEST_P(scopes, without_children_cost_no_wait) {
    run([]() -> task<> { co_await scope([](task_scope&) -> task<> { co_return; }); });
}

TEST_P(scopes, yield_the_value_of_their_body) {
    const std::string found = run([]() -> task<std::string> {
        auto text = co_await scope([](task_scope& jobs) -> task<std::unique_ptr<std::string>> {
            const auto child = [](std::string part) -> task<std::string> {
                co_await yield();
                co_return part + "!";
            };
            auto handle = co_await jobs.spawn(child, "owned");
            std::string joined = co_await handle.join();
            co_return std::make_unique<std::string>(std::move(joined));
        });
        co_return *text;
    });
    EXPECT_EQ(found, "owned!");
}

TEST_P(scopes, run_their_children_concurrently) {
    run([]() -> task<> {
        gate opened;
        co_await scope(
            [](task_scope& jobs, gate& g) -> task<> {
                const auto waits = [](borrowed<gate> for_this) -> task<> {
                    co_await for_this->pass();
                };
                const auto opens = [](borrowed<gate> for_this) -> task<> {
                    for_this->open();
                    co_return;
                };
                (void)co_await jobs.spawn(waits, g);
                (void)co_await jobs.spawn(opens, g);
            },
            opened
        );
    });
}

TEST_P(scopes, let_children_spawn_siblings) {
    run([]() -> task<> {
        std::atomic<int> count{0};
        const auto body = [](task_scope& jobs, std::atomic<int>& counter) -> task<> {
            const auto branch =
                [](auto self, borrowed<task_scope> all, borrowed<std::atomic<int>> leaves, int depth
                ) -> task<> {
                if (depth == 0) {
                    leaves->fetch_add(1);
                    co_return;
                }
                (void)co_await all->spawn(self, self, all, leaves, depth - 1);
                (void)co_await all->spawn(self, self, all, leaves, depth - 1);
            };
            (void)co_await jobs.spawn(
                branch, branch, borrowed<task_scope>(jobs), borrowed<std::atomic<int>>(counter), 6
            );
        };
        co_await scope(body, count);
        EXPECT_EQ(count.load(), 64);
    });
}

TEST_P(scopes, nest) {
    run([]() -> task<> {
        std::atomic<int> count{0};
        co_await scope(
            [](task_scope& outer, std::atomic<int>& counter) -> task<> {
                const auto group = [](borrowed<std::atomic<int>> c) -> task<> {
                    co_await scope(
                        [](task_scope& inner, std::atomic<int>& all) -> task<> {
                            for (int i = 0; i < 5; ++i)
                                (void)co_await inner.spawn(count_up, all);
                        },
                        *c
                    );
                };
                for (int i = 0; i < 5; ++i)
                    (void)co_await outer.spawn(group, counter);
            },
            count
        );
        EXPECT_EQ(count.load(), 25);
    });
}

TEST_P(scopes, spawn_on_other_executors_and_join_them) {
    run([]() -> task<> {
        const int sum = co_await scope([](task_scope& jobs) -> task<int> {
            const auto where = [](bool async_life) -> task<int> {
                co_await yield();
                EXPECT_EQ(detail::current_context().suspends(), async_life);
                co_return 1;
            };
            const auto plain = [](int n) { return n; };
            auto first = co_await jobs.spawn_on(amphi::async, where, true);
            auto second = co_await jobs.spawn_on(threads, where, false);
            auto third = co_await jobs.spawn_on(threads, plain, 40);
            const int a = co_await first.join();
            const int b = co_await second.join();
            const int c = co_await third.join();
            co_return a + b + c;
        });
        EXPECT_EQ(sum, 42);
    });
}

// --- Arguments --------------------------------------------------------------------------------

TEST_P(scopes, store_arguments_as_the_parameters_that_the_child_has) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            const auto reads = [](const std::string& text, long n) -> task<std::size_t> {
                co_await yield();
                co_return text.size() + static_cast<std::size_t>(n);
            };
            const auto takes = [](std::unique_ptr<int> n) -> task<int> { co_return *n; };
            char buffer[] = "changes soon";
            auto sizes = co_await jobs.spawn(reads, buffer, 1);
            buffer[0] = '\0';
            auto taken = co_await jobs.spawn(takes, std::make_unique<int>(7));
            const std::size_t size = co_await sizes.join();
            const int seven = co_await taken.join();
            EXPECT_EQ(size, 13U);
            EXPECT_EQ(seven, 7);
        });
    });
}

task<counted> pass_on(counted value) {
    co_await yield();
    co_return value;
}

task<> spawn_counted() {
    co_await scope([](task_scope& jobs) -> task<> {
        auto kept = co_await jobs.spawn(pass_on, counted(1));
        (void)co_await jobs.spawn(pass_on, counted(2));
        const counted result = co_await kept.join();
        EXPECT_EQ(result.value, 1);
    });
}

TEST_P(scopes, leave_no_argument_or_result_alive) {
    run(spawn_counted);
    EXPECT_EQ(counted::alive(), 0);
}

TEST_P(scopes, leave_nothing_alive_when_a_move_of_an_argument_or_result_throws) {
    int thrown = 0;
    for (int nth = 1; nth <= 20; ++nth) {
        counted::throw_at_move(nth);
        try {
            run(spawn_counted);
        } catch (const std::runtime_error&) {
            ++thrown;
        }
        counted::throw_at_move(0);
        ASSERT_EQ(counted::alive(), 0) << "after a throw in move " << nth;
    }
    EXPECT_GE(thrown, 5);
}

// The order that the handle may count on: frame, then arguments, then it is done.
TEST_P(scopes, complete_a_handle_after_the_childs_frame_and_arguments_are_gone) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            const auto refers = [](const counted& argument) -> task<> {
                const counted local(argument.value);
                co_await yield();
            };
            for (int i = 0; i < 200; ++i) {
                auto handle = co_await jobs.spawn(refers, counted(i));
                co_await handle.join();
                EXPECT_EQ(counted::alive(), 0);
            }
        });
    });
}

// --- The limit --------------------------------------------------------------------------------

struct load {
    std::atomic<int> running{0};
    std::atomic<int> most{0};
};

task<> be_one_of(borrowed<load> all) {
    const int now = all->running.fetch_add(1) + 1;
    int most = all->most.load();
    while (most < now && !all->most.compare_exchange_weak(most, now)) {
    }
    co_await yield();
    co_await yield();
    all->running.fetch_sub(1);
}

TEST_P(scopes, never_run_more_children_than_their_limit) {
    load all;
    run(
        [](borrowed<load> seen) -> task<> {
            co_await scope(
                [](task_scope& jobs, load& l) -> task<> {
                    jobs.limit(3);
                    for (int i = 0; i < 200; ++i) {
                        (void)co_await jobs.spawn(be_one_of, l);
                        EXPECT_LE(jobs.running(), 3U);
                    }
                },
                *seen
            );
        },
        all
    );
    EXPECT_LE(all.most.load(), 3);
    EXPECT_GE(all.most.load(), 1);
}

task<> wait_at(borrowed<gate> g) {
    co_await g->pass();
}

TEST_P(scopes, admit_who_waits_when_the_limit_is_raised) {
    run([]() -> task<> {
        gate opened;
        co_await scope(
            [](task_scope& jobs, gate& g) -> task<> {
                jobs.limit(1);
                // The first child raises the limit when the second one is waiting for room, and
                // ends only after that one has run.
                const auto raises = [](borrowed<task_scope> all, borrowed<gate> until) -> task<> {
                    for (int i = 0; i < 50; ++i)
                        co_await yield();
                    all->limit(2);
                    co_await until->pass();
                };
                const auto opens = [](borrowed<gate> it) -> task<> {
                    it->open();
                    co_return;
                };
                (void)co_await jobs.spawn(raises, jobs, g);
                (void)co_await jobs.spawn(opens, g);
            },
            opened
        );
    });
}

TEST_P(scopes, end_a_wait_for_room_by_a_cancel_and_start_nothing) {
    run([]() -> task<> {
        gate closed;
        static std::atomic<int> started;
        started = 0;
        co_await scope(
            [](task_scope& jobs, gate& never_opened) -> task<> {
                jobs.limit(1);
                (void)co_await jobs.spawn(wait_at, never_opened);
                const auto starts = []() -> task<> {
                    started.fetch_add(1);
                    co_return;
                };
                co_await scope(
                    [](task_scope& stopper, task_scope& outer, auto start) -> task<> {
                        const auto stops = [](borrowed<task_scope> all) { all->request_stop(); };
                        (void)co_await stopper.spawn_on(threads, stops, outer);
                        (void)co_await outer.spawn(start);
                        ADD_FAILURE() << "there was no room";
                    },
                    jobs,
                    starts
                );
            },
            closed
        );
        EXPECT_EQ(started.load(), 0);
    });
}

}  // namespace
