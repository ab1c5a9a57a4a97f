// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/time/backoff.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/supervise.hpp>
#include <amphi/time/timeout.hpp>

#include "support/lives.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;

class supervised : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, supervised, testing::all_lives(), testing::name_of_life);

std::atomic<int> told{0};

restart_policy quick() {
    return restart_policy()
        .pauses(backoff(1us, 10us))
        .on_failure([](const std::exception_ptr&, duration) { told.fetch_add(1); });
}

task<std::string> works_at(int& runs, int good) {
    co_await yield();
    if (++runs != good) throw std::runtime_error("run " + std::to_string(runs));
    co_return "done";
}

TEST_P(supervised, tasks_run_until_one_ends_by_a_value) {
    told = 0;
    run([]() -> task<> {
        int runs = 0;
        const std::string value = co_await supervise(quick(), works_at, runs, 4);
        EXPECT_EQ(value, "done");
        EXPECT_EQ(runs, 4);
    });
    EXPECT_EQ(told, 3);
}

TEST_P(supervised, tasks_are_given_up_after_too_many_failures_in_a_row) {
    told = 0;
    run([]() -> task<> {
        int runs = 0;
        std::string what;
        try {
            (void)co_await supervise(quick().restarts_max(2), works_at, runs, 0);
        } catch (const std::runtime_error& error) {
            what = error.what();
        }
        EXPECT_EQ(what, "run 3");
    });
    EXPECT_EQ(told, 2);
}

TEST_P(supervised, tasks_that_were_healthy_for_long_start_anew) {
    told = 0;
    run([]() -> task<> {
        int runs = 0;
        const auto policy = quick().restarts_max(1).healthy_after(duration::zero());
        const std::string value = co_await supervise(policy, works_at, runs, 20);
        EXPECT_EQ(value, "done");
    });
    EXPECT_EQ(told, 19);
}

task<> for_ever(int& runs) {
    ++runs;
    co_await sleep_until(never);
}
task<> fails_at_once(int& runs) {
    ++runs;
    co_await yield();
    throw std::runtime_error("no");
}

TEST_P(supervised, tasks_are_not_run_again_after_a_stop) {
    run([]() -> task<> {
        int runs = 0;
        bool expired = false;
        try {
            co_await timeout(
                2ms, [](int& r) -> task<> { co_await supervise(quick(), for_ever, r); }, runs
            );
        } catch (const timed_out&) {
            expired = true;
        }
        EXPECT_TRUE(expired);
        EXPECT_EQ(runs, 1);
    });
}

TEST_P(supervised, tasks_can_be_stopped_in_the_pause) {
    run([]() -> task<> {
        int runs = 0;
        bool expired = false;
        try {
            co_await timeout(
                2ms,
                [](int& r) -> task<> {
                    co_await supervise(quick().pauses(backoff(1h, 1h)), fails_at_once, r);
                },
                runs
            );
        } catch (const timed_out&) {
            expired = true;
        }
        EXPECT_TRUE(expired);
        EXPECT_EQ(runs, 1);
    });
}

TEST(supervised_by_default, tasks_fail_with_a_line_on_standard_error) {
    ::testing::internal::CaptureStderr();
    amphi::run(threads, []() -> task<> {
        int runs = 0;
        const auto policy = restart_policy().pauses(backoff(1us, 1us));
        (void)co_await supervise(policy, works_at, runs, 2);
    });
    EXPECT_EQ(
        ::testing::internal::GetCapturedStderr(),
        "amphi: a supervised task failed: run 1; it is run again in 1 ms\n"
    );
}

}  // namespace
}  // namespace amphi
