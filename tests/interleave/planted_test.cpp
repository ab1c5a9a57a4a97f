// SPDX-License-Identifier: BSL-1.0
// Bugs put into the shipped sources by name of function, to show that runs under seeds find such.
#include <amphi/base/lock.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/promise.hpp>

#include "async/idle_workers.hpp"
#include "async/local_queue.hpp"
#include "async/shared_queue.hpp"
#include "interleave/explore.hpp"
#include "interleave/gate.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using amphi::testing::check;
using amphi::testing::explore;
using amphi::testing::explore_with;
using amphi::testing::fault;
using amphi::testing::gate;
using amphi::testing::gate_operation;
using amphi::testing::scenario;
using namespace amphi::detail;
using ::testing::AnyOf;
using ::testing::HasSubstr;

fault planted(fault::kind what, const char* function) {
    return {what, function};
}

std::string found(const std::optional<std::string>& failure) {
    return failure.value_or("not found");
}

// Two threads, one lock.
void increments(scenario& run) {
    struct counter {
        lock guard;
        int value = 0;
    };
    const auto shared = std::make_shared<counter>();
    for (int thread = 0; thread < 2; ++thread)
        run.thread([shared] {
            const lock_guard held(shared->guard);
            ++shared->value;
        });
}

// One thread waits until another opens a gate for it.
void opens(scenario& run) {
    const auto shared = std::make_shared<gate>();
    run.thread([shared] {
        gate_operation op(*shared);
        check(op.ready(outside_of_tasks()), "a plain thread does not suspend");
        check(op.finish() == 7, "the value was lost");
    });
    run.thread([shared] { shared->open(7); });
}

// An owner pops while a thief steals.
void steals(scenario& run) {
    struct state {
        std::array<promise_base, 3> frames;
        std::array<int, 3> taken{};
        local_queue owned;
        local_queue stolen;
        shared_queue overflow;

        void take(promise_base* frame) {
            if (frame != nullptr) ++taken[static_cast<std::size_t>(frame - frames.data())];
        }
    };
    const auto s = std::make_shared<state>();
    for (promise_base& frame : s->frames)
        s->owned.push(frame, s->overflow);
    run.thread([s] {
        for (std::size_t i = 0; i < s->frames.size(); ++i)
            s->take(s->owned.pop());
    });
    run.thread([s] { s->take(s->owned.steal_into(s->stolen).first); });
    run.at_end([s] {
        while (promise_base* const frame = s->owned.pop())
            s->take(frame);
        while (promise_base* const frame = s->stolen.pop())
            s->take(frame);
        for (const int times : s->taken)
            check(times == 1, "a task was lost or taken twice");
    });
}

// One worker, which goes to sleep, and one who pushes work, as the runtime does it.
void sleeps(scenario& run) {
    struct state {
        idle_workers idle{1};
        shared_queue shared;
        promise_base frame;
    };
    const auto s = std::make_shared<state>();
    const auto first = s->idle.worker_to_wake();
    check(first.has_value(), "all sleep at first");
    run.thread([s] {
        if (s->shared.take(1) != nullptr) return;
        if (s->idle.go_to_sleep(0, true) && s->shared.size() != 0) (void)s->idle.worker_to_wake();
    });
    run.thread([s] {
        s->shared.push(s->frame);
        (void)s->idle.worker_to_wake();
    });
    run.at_end([s] {
        const bool asleep = s->idle.worker_to_wake().has_value();
        check(!asleep || s->shared.size() == 0, "work is left and the worker sleeps");
    });
}

TEST(planted, nothing_is_found_where_nothing_is) {
    for (const auto& make : {increments, opens, steals, sleeps})
        explore(make);
}

TEST(planted, release_that_is_relaxed_is_a_race) {
    EXPECT_THAT(
        found(explore_with(planted(fault::kind::relaxed, "lock::release"), increments)),
        HasSubstr("race")
    );
}

TEST(planted, wake_that_is_relaxed_is_a_race) {
    EXPECT_THAT(
        found(explore_with(planted(fault::kind::relaxed, "waiter::wake"), opens)), HasSubstr("race")
    );
}

TEST(planted, lost_wake_is_a_deadlock) {
    EXPECT_THAT(
        found(explore_with(planted(fault::kind::lost_wake, ""), opens)),
        HasSubstr("nobody can go on")
    );
    EXPECT_THAT(
        found(explore_with(planted(fault::kind::lost_wake, ""), increments)),
        HasSubstr("nobody can go on")
    );
}

TEST(planted, arming_that_is_torn_is_a_deadlock) {
    EXPECT_THAT(
        found(explore_with(planted(fault::kind::torn, "waiter::arm"), opens)),
        HasSubstr("nobody can go on")
    );
}

TEST(planted, pop_that_is_torn_takes_a_task_twice) {
    EXPECT_THAT(
        found(explore_with(planted(fault::kind::torn, "local_queue::pop"), steals)),
        AnyOf(HasSubstr("taken twice"), HasSubstr("race"))
    );
}

// A load may be older than the push before it, where a read-modify-write may not. Only a weak
// memory shows it.
TEST(planted, look_for_sleepers_without_its_fence_leaves_work_behind) {
    EXPECT_THAT(
        found(explore_with(planted(fault::kind::relaxed, "full_fence"), sleeps)),
        HasSubstr("work is left")
    );
}

}  // namespace
