// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/time/interval.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/lives.hpp"

#include <chrono>
#include <stdexcept>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;

class interval_in : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, interval_in, testing::all_lives(), testing::name_of_life);

task<> ticks_on_the_grid() {
    const time_point start = clock::now();
    interval every(2ms, start);
    for (int tick = 0; tick < 5; ++tick) {
        co_await every.tick();
        EXPECT_GE(clock::now(), start + tick * 2ms);
        EXPECT_EQ((every.next() - start) % 2ms, 0ms);
    }
}

TEST_P(interval_in, ticks_at_once_and_then_on_the_grid) {
    run(ticks_on_the_grid);
}

task<> misses_ticks() {
    const time_point start = clock::now() - 11ms;
    interval every(2ms, start);
    co_await every.tick();
    EXPECT_GT(every.next(), start + 10ms);
    EXPECT_EQ((every.next() - start) % 2ms, 0ms);
}

TEST_P(interval_in, skips_what_was_missed) {
    run(misses_ticks);
}

task<> bursts() {
    const time_point start = clock::now() - 11ms;
    interval every(2ms, start, missed_ticks::burst);
    for (int tick = 1; tick <= 10; ++tick) {
        co_await every.tick();
        EXPECT_EQ(every.next(), start + tick * 2ms);
        EXPECT_GE(clock::now(), start + (tick - 1) * 2ms);
    }
}

TEST_P(interval_in, may_make_up_for_what_was_missed) {
    run(bursts);
}

task<> delays() {
    interval every(2ms, clock::now() - 11ms, missed_ticks::delay);
    const time_point before = clock::now();
    co_await every.tick();
    EXPECT_GE(every.next(), before + 2ms);
    EXPECT_LE(every.next(), clock::now() + 2ms);
    const time_point due = every.next();
    co_await every.tick();
    EXPECT_GE(every.next(), due + 2ms);
}

TEST_P(interval_in, may_move_its_grid_when_a_tick_was_late) {
    run(delays);
}

task<> longest_periods() {
    for (const auto missed : {missed_ticks::skip, missed_ticks::burst, missed_ticks::delay}) {
        interval once(duration::max(), missed);
        co_await once.tick();
        EXPECT_EQ(once.next(), never);
        interval shortest(1ns, missed);
        for (int tick = 0; tick < 5; ++tick)
            co_await shortest.tick();
    }
}

TEST_P(interval_in, periods_may_be_as_short_and_as_long_as_durations_are) {
    run(longest_periods);
}

task<> first_tick_far_away() {
    interval every(1h, clock::now() + 1h);
    co_await every.tick();
}
task<> cancelled_tick() {
    co_await timeout(2ms, first_tick_far_away);
}

TEST_P(interval_in, a_deadline_ends_the_wait_for_a_tick) {
    EXPECT_THROW(run(cancelled_tick), timed_out);
}

TEST(interval, refuses_a_period_that_is_not_positive) {
    EXPECT_THROW(interval(0s), std::invalid_argument);
    EXPECT_THROW(interval(-1s), std::invalid_argument);
}

}  // namespace
}  // namespace amphi
