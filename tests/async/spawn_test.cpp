// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/spawn.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/time/sleep.hpp>

#include "support/lives.hpp"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class spawn_in : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, spawn_in, testing::all_lives(), testing::name_of_life);

detail::atomic<int> stopped{0};

task<int> soon(int value) {
    co_await yield();
    co_return value;
}
task<> fails() {
    co_await yield();
    throw std::runtime_error("daemon");
}
task<> until_stopped() {
    class counted {
    public:
        counted() = default;
        ~counted() { stopped.fetch_add(1); }
        counted(const counted&) = delete;
        counted& operator=(const counted&) = delete;
    };
    const counted c;
    co_await sleep_until(never);
}

TEST_P(spawn_in, a_daemon_can_be_joined_from_a_plain_function) {
    auto handle = spawn_on(on(), soon, 6);
    EXPECT_EQ(wait(handle.join()), 6);
}

task<int> spawns_on_its_own_executor() {
    auto handle = spawn(soon, 8);
    co_return co_await handle.join();
}

TEST_P(spawn_in, a_task_spawns_daemons_where_it_runs) {
    EXPECT_EQ(run(spawns_on_its_own_executor), 8);
}

TEST_P(spawn_in, a_joined_failure_is_thrown_and_not_reported) {
    ::testing::internal::CaptureStderr();
    {
        auto handle = spawn_on(on(), fails);
        EXPECT_THROW(wait(handle.join()), std::runtime_error);
    }
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_P(spawn_in, a_failure_that_nobody_takes_is_reported) {
    ::testing::internal::CaptureStderr();
    {
        auto handle = spawn_on(on(), fails);
        while (!handle.done())
            wait(sleep_for(std::chrono::microseconds(50)));
    }
    // The daemon's own reference may be the last: then it reports when it lets go.
    std::string said;
    for (int tries = 0; tries < 1000 && said.empty(); ++tries) {
        said = ::testing::internal::GetCapturedStderr();
        ::testing::internal::CaptureStderr();
        if (said.empty()) wait(sleep_for(std::chrono::milliseconds(1)));
    }
    ::testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("daemon"), std::string::npos) << said;
    EXPECT_NE(said.find("fails"), std::string::npos) << said;
}

TEST(spawn, the_end_of_a_runtime_stops_its_daemons_and_waits) {
    stopped = 0;
    {
        runtime own(runtime_options().workers(1));
        for (int i = 0; i < 10; ++i)
            (void)spawn_on(own, until_stopped);
    }
    EXPECT_EQ(stopped.load(), 10);
}

TEST(spawn, a_plain_function_is_taken_by_plain_threads) {
    auto handle = spawn_on(threads, [](int value) { return value + 1; }, 4);
    EXPECT_EQ(wait(handle.join()), 5);
}

task<> ignores_its_stop() {
    this_task::set_name("stubborn");
    for (;;) {
        try {
            co_await sleep_until(never);
        } catch (const operation_cancelled&) {
            ::pause();
        }
    }
}

TEST(spawn_death, the_end_of_the_program_stops_daemons_and_abandons_the_rest) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            (void)spawn_on(threads, until_stopped);
            (void)spawn_on(async, until_stopped);
            std::exit(0);
        },
        ::testing::ExitedWithCode(0),
        "^$"
    );
    EXPECT_EXIT(
        {
            (void)spawn_on(threads, ignores_its_stop);
            std::exit(0);
        },
        ::testing::ExitedWithCode(0),
        "1 detached tasks did not end within 1 s of exit; abandoned:\n"
        "  'stubborn' +at (amphi::.*)?ignores_its_stop \\(.*spawn_test.cpp:[0-9]+\\)\n"
    );
}

task<> exits() {
    co_await yield();
    std::exit(7);
}

TEST(spawn_death, a_daemon_that_ends_the_program_is_not_waited_for) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            (void)spawn_on(threads, exits);
            wait(sleep_until(never));
        },
        ::testing::ExitedWithCode(7),
        "^$"
    );
    EXPECT_EXIT(
        {
            (void)spawn_on(async, exits);
            wait(sleep_until(never));
        },
        ::testing::ExitedWithCode(7),
        "^$"
    );
}

}  // namespace
}  // namespace amphi
