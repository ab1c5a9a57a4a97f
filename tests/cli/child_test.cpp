// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/base/descriptor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/time/sleep.hpp>

#include "cli/child.hpp"
#include "support/build.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace amphi::cli {
namespace {

using namespace std::chrono_literals;

// The thread sanitizer's own, in a process and in what it has forked.
constexpr std::size_t threads_of_a_sanitizer = testing::thread_sanitized ? 2 : 0;

time_point soon() {
    return clock::now() + 60s;
}

TEST(child, gives_its_exit_code_or_the_signal_that_ended_it) {
    EXPECT_EQ(child::run([] { return 7; }).wait(soon(), -1).exit_code, 7);
    EXPECT_EQ(child::run([] { return raise(SIGKILL); }).wait(soon(), -1).exit_code, 137);
    EXPECT_EQ(child::exec({"/bin/false"}).wait(soon(), -1).exit_code, 1);
}

TEST(child, that_cannot_be_what_it_was_to_be_exits_127) {
    EXPECT_EQ(child::exec({"/nowhere"}).wait(soon(), -1).exit_code, 127);
    const auto broken = []() -> int { throw std::runtime_error("as the test wants it"); };
    EXPECT_EQ(child::run(broken).wait(soon(), -1).exit_code, 127);
}

TEST(child, is_given_the_output_that_it_writes_to) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    const descriptor output(ends[0]);
    descriptor input(ends[1]);
    child echo = child::exec({"/bin/echo", "two words"}, input);
    input.reset();
    std::array<char, 64> text{};
    EXPECT_EQ(read(output.get(), text.data(), text.size()), 10);
    EXPECT_STREQ(text.data(), "two words\n");
    EXPECT_EQ(echo.wait(soon(), -1).exit_code, 0);
}

TEST(child, is_measured) {
    constexpr std::size_t size = 30'000'000;
    const auto body = [] {
        const std::vector<char> touched(size, 'x');
        const time_point end = clock::now() + 50ms;
        std::size_t sum = 0;
        while (clock::now() < end)
            sum += static_cast<std::size_t>(touched[sum % size]);
        return sum == 0 ? 1 : 0;
    };
    const usage used = child::run(body).wait(soon(), -1);
    EXPECT_EQ(used.exit_code, 0);
    EXPECT_GE(used.wall, 50ms);
    EXPECT_GT(used.cpu, 0ms);
    EXPECT_GE(used.memory_bytes, size);
    EXPECT_GE(used.threads, 1U);
    EXPECT_LE(used.threads, 1U + threads_of_a_sanitizer);
}

TEST(child, has_its_threads_counted) {
    const auto body = [] {
        run(threads, []() -> task<> {
            co_await scope([](task_scope& jobs) -> task<> {
                const auto nap = []() -> task<> { co_await sleep_for(200ms); };
                for (int i = 0; i < 9; ++i)
                    (void)co_await jobs.spawn(nap);
            });
        });
        return 0;
    };
    const std::size_t counted = child::run(body).wait(soon(), -1).threads;
    EXPECT_GE(counted, 10U);
    EXPECT_LE(counted, 10U + threads_of_a_sanitizer);
}

TEST(child, is_killed_at_the_deadline) {
    child endless = child::exec({"/bin/sleep", "1000"});
    const usage used = endless.wait(clock::now() + 50ms, -1);
    EXPECT_EQ(used.exit_code, 128 + SIGKILL);
    EXPECT_GE(used.wall, 50ms);
}

TEST(child, ends_when_it_is_asked_to_though_this_process_blocks_the_signal) {
    sigset_t term;
    sigset_t before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    ASSERT_EQ(sigprocmask(SIG_BLOCK, &term, &before), 0);
    child endless = child::exec({"/bin/sleep", "1000"});
    endless.request_stop();
    EXPECT_EQ(endless.wait(soon(), -1).exit_code, 128 + SIGTERM);
    ASSERT_EQ(sigprocmask(SIG_SETMASK, &before, nullptr), 0);
}

TEST(child, does_not_outlive_an_interrupted_wait) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    const descriptor stop(ends[0]);
    descriptor trigger(ends[1]);
    // Held by the child alone from here on: its end is the end of the pipe.
    std::array<int, 2> life{};
    ASSERT_EQ(pipe2(life.data(), O_CLOEXEC), 0);
    const descriptor its_end(life[0]);
    descriptor its_life(life[1]);
    {
        child endless = child::exec({"/bin/sleep", "1000"}, its_life);
        its_life.reset();
        trigger.reset();
        EXPECT_THROW((void)endless.wait(soon(), stop.get()), interrupted);
    }
    char nothing = 0;
    EXPECT_EQ(read(its_end.get(), &nothing, 1), 0);
}

}  // namespace
}  // namespace amphi::cli
