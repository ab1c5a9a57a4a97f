// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/time/drain.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/lives.hpp"

#include <atomic>
#include <chrono>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using testing::borrowed;

class drained : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, drained, testing::all_lives(), testing::name_of_life);

task<> brief() {
    co_await yield();
}
task<> until_stopped(borrowed<std::atomic<int>> stopped) {
    try {
        co_await sleep_until(never);
    } catch (const operation_cancelled&) {
        ++*stopped;
        throw;
    }
}

TEST_P(drained, scopes_have_no_child_left) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            for (int i = 0; i < 20; ++i)
                co_await jobs.spawn(brief);
            const bool all = co_await drain(jobs, 1h);
            EXPECT_TRUE(all);
            EXPECT_EQ(jobs.running(), 0U);
            co_await jobs.spawn(brief);  // It can go on.
            co_await jobs.idle();
            EXPECT_EQ(jobs.running(), 0U);
        });
    });
}

TEST_P(drained, scopes_stop_those_who_take_too_long) {
    run([]() -> task<> {
        std::atomic<int> stopped = 0;
        co_await scope(
            [](task_scope& jobs, std::atomic<int>& counter) -> task<> {
                for (int i = 0; i < 3; ++i)
                    co_await jobs.spawn(until_stopped, counter);
                const bool all = co_await drain(jobs, 2ms);
                EXPECT_FALSE(all);
            },
            stopped
        );
        EXPECT_EQ(stopped, 3);
    });
}

TEST_P(drained, scopes_can_be_stopped_meanwhile) {
    run([]() -> task<> {
        std::atomic<int> stopped = 0;
        bool expired = false;
        try {
            co_await timeout(
                2ms,
                [](std::atomic<int>& counter) -> task<> {
                    co_await scope(
                        [](task_scope& jobs, std::atomic<int>& c) -> task<> {
                            co_await jobs.spawn(until_stopped, c);
                            (void)co_await drain(jobs, 1h);
                        },
                        counter
                    );
                },
                stopped
            );
        } catch (const timed_out&) {
            expired = true;
        }
        EXPECT_TRUE(expired);
    });
}

}  // namespace
}  // namespace amphi
