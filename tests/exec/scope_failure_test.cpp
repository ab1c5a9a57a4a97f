// SPDX-License-Identifier: BSL-1.0
// What a scope does with failures, stops and deadlines.
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/result.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/lives.hpp"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::borrowed;

class failing_scopes : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(
    lives, failing_scopes, amphi::testing::all_lives(), amphi::testing::name_of_life
);

std::atomic<int> cancelled_children{0};

task<> wait_for_a_stop() {
    try {
        co_await sleep_until(never);
    } catch (const operation_cancelled&) {
        cancelled_children.fetch_add(1);
        throw;
    }
}

task<> fail(std::string why) {
    co_await yield();
    throw std::runtime_error(why);
}

template <class F>
std::string failure_of(F&& f) {
    try {
        f();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "none";
}

TEST_P(failing_scopes, cancel_the_siblings_of_a_failure_and_throw_it_after_the_join) {
    cancelled_children = 0;
    const std::string why = failure_of([this] {
        run([]() -> task<> {
            co_await scope([](task_scope& jobs) -> task<> {
                for (int i = 0; i < 5; ++i)
                    (void)co_await jobs.spawn(wait_for_a_stop);
                (void)co_await jobs.spawn(fail, "first");
            });
        });
    });
    EXPECT_EQ(why, "first");
    EXPECT_EQ(cancelled_children.load(), 5);
}

TEST_P(failing_scopes, cancel_the_children_when_the_body_throws) {
    cancelled_children = 0;
    const std::string why = failure_of([this] {
        run([]() -> task<> {
            co_await scope([](task_scope& jobs) -> task<> {
                for (int i = 0; i < 5; ++i)
                    (void)co_await jobs.spawn(wait_for_a_stop);
                throw std::runtime_error("of the body");
            });
        });
    });
    EXPECT_EQ(why, "of the body");
    EXPECT_EQ(cancelled_children.load(), 5);
}

TEST_P(failing_scopes, cancel_the_body_when_a_child_fails) {
    const std::string why = failure_of([this] {
        run([]() -> task<int> {
            const int unreached = co_await scope([](task_scope& jobs) -> task<int> {
                (void)co_await jobs.spawn(fail, "of a child");
                co_await sleep_until(never);
                co_return 1;
            });
            co_return unreached;
        });
    });
    EXPECT_EQ(why, "of a child");
}

TEST_P(failing_scopes, keep_the_failures_after_the_first) {
    run([]() -> task<> {
        const auto body = [](task_scope& jobs) -> task<> {
            const auto fails_when_stopped = []() -> task<> {
                auto stopped = co_await as_result(wait_for_a_stop());
                EXPECT_FALSE(stopped);
                throw std::runtime_error("further");
            };
            const auto wait_for_all = [](task_scope& s) -> task<> {
                while (s.further_failures().size() < 3)
                    co_await yield();
            };
            for (int i = 0; i < 3; ++i)
                (void)co_await jobs.spawn(fails_when_stopped);
            (void)co_await jobs.spawn(fail, "first");
            co_await shield(1min, wait_for_all, jobs);
            for (const std::exception_ptr& failure : jobs.further_failures())
                EXPECT_EQ(failure_of([&] { std::rethrow_exception(failure); }), "further");
        };
        auto outcome = co_await as_result(scope(body));
        EXPECT_EQ(failure_of([&] { std::move(outcome).value(); }), "first");
    });
}

TEST_P(failing_scopes, end_quietly_after_their_own_request_to_stop) {
    cancelled_children = 0;
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            for (int i = 0; i < 3; ++i)
                (void)co_await jobs.spawn(wait_for_a_stop);
            jobs.request_stop();
        });
        EXPECT_FALSE(this_task::stop_requested()) << "the stop was of the scope alone";
        co_await yield();
    });
    EXPECT_EQ(cancelled_children.load(), 3);
}

TEST_P(failing_scopes, throw_when_a_stop_from_outside_has_ended_their_children) {
    run([]() -> task<> {
        bool inner_cancelled = false;
        const auto body = [](task_scope& outer, bool& seen) -> task<> {
            const auto inner = [](borrowed<bool> cancelled, borrowed<task_scope> around) -> task<> {
                const auto stops_outer = [](task_scope& jobs, task_scope& s) -> task<> {
                    (void)co_await jobs.spawn(wait_for_a_stop);
                    s.request_stop();
                };
                auto outcome = co_await as_result(scope(stops_outer, *around));
                try {
                    std::move(outcome).value();
                } catch (const operation_cancelled&) {
                    *cancelled = true;
                }
            };
            (void)co_await outer.spawn(inner, seen, outer);
        };
        co_await scope(body, inner_cancelled);
        EXPECT_TRUE(inner_cancelled);
    });
}

TEST_P(failing_scopes, do_not_take_a_cancel_that_nobody_asked_for_for_one) {
    run([]() -> task<> {
        const auto body = [](task_scope& jobs) -> task<> {
            const auto lies = []() -> task<> {
                co_await yield();
                throw operation_cancelled();
            };
            (void)co_await jobs.spawn(lies);
        };
        auto outcome = co_await as_result(scope(body));
        EXPECT_THROW(std::move(outcome).value(), operation_cancelled);
    });
}

TEST_P(failing_scopes, may_be_entered_again_after_a_failure) {
    run([]() -> task<> {
        for (int round = 0; round < 100; ++round) {
            const auto body = [](task_scope& jobs) -> task<> {
                (void)co_await jobs.spawn(wait_for_a_stop);
                (void)co_await jobs.spawn(fail, "again");
            };
            auto outcome = co_await as_result(scope(body));
            EXPECT_EQ(failure_of([&] { std::move(outcome).value(); }), "again");
        }
    });
}

task<> sleep_for_ever() {
    co_await sleep_until(never);
}

// A deadline that was set on a plain thread: on async only a stop can carry it.
TEST_P(failing_scopes, hand_their_deadline_to_children_on_every_executor) {
    run([]() -> task<> {
        const auto body = []() -> task<> {
            co_await scope([](task_scope& jobs) -> task<> {
                (void)co_await jobs.spawn_on(amphi::async, sleep_for_ever);
                (void)co_await jobs.spawn_on(threads, sleep_for_ever);
            });
        };
        auto outcome = co_await as_result(timeout(20ms, body));
        EXPECT_THROW(std::move(outcome).value(), timed_out);
    });
}

task<> stop_one_and_wait(task_scope& jobs) {
    auto child = co_await jobs.spawn(sleep_for_ever);
    child.request_stop();
    auto outcome =
        co_await as_result([](join_handle<>& of) -> task<> { co_await of.join(); }(child));
    EXPECT_THROW(std::move(outcome).value(), operation_cancelled);
    co_await sleep_for_ever();
}

TEST_P(failing_scopes, a_child_that_was_stopped_alone_does_not_hide_a_deadline) {
    run([]() -> task<> {
        const auto body = []() -> task<> { co_await scope(stop_one_and_wait); };
        auto outcome = co_await as_result(timeout(5ms, body));
        EXPECT_THROW(std::move(outcome).value(), timed_out);
    });
}

}  // namespace
