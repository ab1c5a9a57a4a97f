// SPDX-License-Identifier: BSL-1.0
// Bugs put into what tasks share, as planted_test.cpp does it: forgotten lines, checks that are not
// made again before a wait, wakes that reach the first alone, orders that are too weak.
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/sync/channel.hpp>
#include <amphi/sync/event.hpp>
#include <amphi/sync/latch.hpp>
#include <amphi/sync/mutex.hpp>
#include <amphi/sync/semaphore.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/stop.hpp>

#include "interleave/explore.hpp"
#include "interleave/wait_here.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using amphi::testing::check;
using amphi::testing::explore;
using amphi::testing::explore_with;
using amphi::testing::fault;
using amphi::testing::make_scenario;
using amphi::testing::scenario;
using amphi::testing::wait_here;
using namespace amphi::detail;
using ::testing::HasSubstr;

/// What the runs of a scenario find when the accesses of a function are made so, but for the first
/// few.
std::string
found(fault::kind what, const char* function, const make_scenario& make, std::size_t spared = 0) {
    return explore_with({what, function, spared}, make).value_or("not found");
}

// Two threads, one mutex.
void take_turns(scenario& run) {
    const auto guarded = std::make_shared<amphi::mutex<int>>(0);
    for (int thread = 0; thread < 2; ++thread)
        run.thread([guarded] { ++*wait_here(guarded->lock()); });
    run.at_end([guarded] { check(*guarded->try_lock() == 2, "a turn was lost"); });
}

// One holds the mutex, another waits for it and is stopped.
void gives_up(scenario& run) {
    struct state {
        state() noexcept { where.stop = &stop; }
        amphi::mutex<> wanted;
        stop_state stop;
        context where;
    };
    const auto s = std::make_shared<state>();
    run.thread([s] { (void)wait_here(s->wanted.lock()); });
    run.thread([s] {
        try {
            (void)wait_here(s->wanted.lock(), s->where);
        } catch (const amphi::operation_cancelled&) {
            check(true, "");
        }
    });
    run.thread([s] { s->stop.request(stop_reason::cancel); });
    run.at_end([s] { check(bool(s->wanted.try_lock()), "the mutex was never unlocked"); });
}

// Two want the one permit, and give it back.
void share_a_permit(scenario& run) {
    struct state {
        amphi::semaphore permits{1};
        atomic<int> inside{0};
    };
    const auto s = std::make_shared<state>();
    for (int thread = 0; thread < 2; ++thread)
        run.thread([s] {
            const auto permit = wait_here(s->permits.acquire());
            check(s->inside.fetch_add(1, std::memory_order_relaxed) == 0, "two were in at once");
            s->inside.fetch_sub(1, std::memory_order_relaxed);
        });
    run.at_end([s] { check(s->permits.available() == 1, "permits were lost or made"); });
}

// Two bring a permit each, without anybody waiting.
void bring_permits(scenario& run) {
    const auto permits = std::make_shared<amphi::semaphore>(0);
    for (int thread = 0; thread < 2; ++thread)
        run.thread([permits] { permits->release(); });
    run.at_end([permits] { check(permits->available() == 2, "permits were lost or made"); });
}

// Two wait, one brings what both want.
void bring_for_both(scenario& run) {
    const auto permits = std::make_shared<amphi::semaphore>(0);
    for (int thread = 0; thread < 2; ++thread)
        run.thread([permits] { wait_here(permits->acquire()).forget(); });
    run.thread([permits] { permits->release(2); });
}

// One waits for what another sets.
void waits_for_a_set(scenario& run) {
    const auto happened = std::make_shared<amphi::event>();
    run.thread([happened] { wait_here(happened->wait()); });
    run.thread([happened] { happened->set(); });
}

// One looks whether it was set, and then at what was written before.
void looks_for_a_set(scenario& run) {
    struct state {
        amphi::event happened;
        int value = 0;
    };
    const auto s = std::make_shared<state>();
    run.thread([s] {
        if (s->happened.is_set()) check(s->value == 7, "the value was lost");
    });
    run.thread([s] {
        s->value = 7;
        s->happened.set();
    });
}

// One waits for two who count down.
void count_down(scenario& run) {
    const auto all = std::make_shared<amphi::latch>(2);
    for (int thread = 0; thread < 2; ++thread)
        run.thread([all] { all->count_down(); });
    run.thread([all] { wait_here(all->wait()); });
}

// Two receive until the sender closes the channel.
void close_for_both(scenario& run) {
    struct state {
        std::optional<amphi::sender<int>> to;
        std::optional<amphi::receiver<int>> first;
        std::optional<amphi::receiver<int>> second;
    };
    const auto s = std::make_shared<state>();
    auto [to, from] = amphi::channel<int>(1);
    s->to.emplace(std::move(to));
    s->first.emplace(from);
    s->second.emplace(std::move(from));
    run.thread([s] { check(!wait_here(s->first->receive()), "nothing was sent"); });
    run.thread([s] { check(!wait_here(s->second->receive()), "nothing was sent"); });
    run.thread([s] { s->to.reset(); });
}

TEST(planted_sync, nothing_is_found_where_nothing_is) {
    for (const auto& make :
         {take_turns,
          gives_up,
          share_a_permit,
          bring_permits,
          bring_for_both,
          waits_for_a_set,
          looks_for_a_set,
          count_down,
          close_for_both})
        explore(make);
}

TEST(planted_sync, unlock_that_is_relaxed_is_a_race) {
    EXPECT_THAT(
        found(fault::kind::relaxed, "mutex_core::try_unlock", take_turns), HasSubstr("race")
    );
}

TEST(planted_sync, wait_that_the_mutex_is_not_told_of_is_a_deadlock) {
    EXPECT_THAT(
        found(fault::kind::left_out, "mutex_core::lock_or_wait", take_turns),
        HasSubstr("nobody can go on")
    );
}

// Both the stop and who hands the mutex over believe that they have ended the wait.
TEST(planted_sync, claim_that_is_torn_loses_the_mutex) {
    EXPECT_THAT(
        found(fault::kind::torn, "waiter::claim", gives_up),
        HasSubstr("the mutex was never unlocked")
    );
}

TEST(planted_sync, wait_that_the_semaphore_is_not_told_of_is_a_deadlock) {
    EXPECT_THAT(
        found(fault::kind::left_out, "semaphore::take_or_wait", share_a_permit),
        HasSubstr("nobody can go on")
    );
}

TEST(planted_sync, grant_that_takes_no_permit_makes_one) {
    EXPECT_THAT(
        found(fault::kind::left_out, "semaphore::grant", share_a_permit),
        HasSubstr("permits were lost or made")
    );
}

TEST(planted_sync, taking_that_is_torn_lets_two_in) {
    EXPECT_THAT(
        found(fault::kind::torn, "semaphore::try_take", share_a_permit),
        HasSubstr("two were in at once")
    );
}

TEST(planted_sync, giving_that_is_torn_loses_a_permit) {
    EXPECT_THAT(
        found(fault::kind::torn, "semaphore::try_give", bring_permits),
        HasSubstr("permits were lost")
    );
}

TEST(planted_sync, release_that_wakes_the_first_alone_is_a_deadlock) {
    EXPECT_THAT(
        found(fault::kind::left_out, "waiter::wake", bring_for_both, 1),
        HasSubstr("nobody can go on")
    );
}

TEST(planted_sync, wait_that_does_not_look_again_under_the_lock_is_a_deadlock) {
    EXPECT_THAT(
        found(fault::kind::blind, "event::take_or_wait", waits_for_a_set),
        HasSubstr("nobody can go on")
    );
}

TEST(planted_sync, set_that_is_relaxed_is_a_race) {
    EXPECT_THAT(found(fault::kind::relaxed, "event::set", looks_for_a_set), HasSubstr("race"));
}

TEST(planted_sync, count_that_is_torn_is_a_deadlock) {
    EXPECT_THAT(
        found(fault::kind::torn, "latch::count_down", count_down), HasSubstr("nobody can go on")
    );
}

TEST(planted_sync, close_that_wakes_the_first_alone_is_a_deadlock) {
    EXPECT_THAT(
        found(fault::kind::left_out, "waiter::wake", close_for_both, 1),
        HasSubstr("nobody can go on")
    );
}

}  // namespace
