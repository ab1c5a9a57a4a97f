// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/process/child.hpp>
#include <amphi/process/command.hpp>
#include <amphi/process/pipe.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using testing::expect_deadline_ends;
using testing::expect_stop_ends;

class child_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, child_test, testing::all_lives(), testing::name_of_life);

/// Runs until its input ends.
child start_cat() {
    return command("cat").input(stdio::pipe).output(stdio::pipe).spawn();
}

child start_sleeper() {
    return command("sleep").arg("1000").spawn();
}

/// Whether there is such a process, be it a zombie.
bool is_there(int pid) {
    return ::kill(pid, 0) == 0;
}

task<> expect_gone(int pid) {
    const time_point until = clock::now() + 10s;
    while (is_there(pid) && clock::now() < until)
        co_await sleep_for(1ms);
    EXPECT_FALSE(is_there(pid));
}

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

task<std::string> read_to_end(pipe_reader& from) {
    std::string all;
    std::array<std::byte, 4096> buffer;
    for (;;) {
        const std::size_t count = co_await from.read_some(buffer);
        if (count == 0) co_return all;
        all.append(reinterpret_cast<const char*>(buffer.data()), count);
    }
}

task<> wait_for_a_sleeper() {
    child running = start_sleeper();
    (void)co_await running.wait();
}

task<> wait_for_the_end_of_a_sleeper() {
    const child running = start_sleeper();
    co_await running.ended();
}

task<> read_from_a_silent_one() {
    child silent = start_cat();
    (void)co_await read_to_end(silent.output());
}

task<> write_to_one_that_does_not_read() {
    child deaf = command("sleep").arg("1000").input(stdio::pipe).spawn();
    const std::vector<std::byte> much(1 << 20);
    co_await write_all(deaf.input(), much);
}

TEST_P(child_test, tells_how_it_has_ended) {
    run([]() -> task<> {
        child good = command("true").spawn();
        child bad = command("sh").arg("-c").arg("exit 7").spawn();
        EXPECT_GT(good.pid(), 0);
        const exit_status of_good = co_await good.wait();
        const exit_status of_bad = co_await bad.wait();
        EXPECT_TRUE(of_good.success());
        EXPECT_EQ(of_bad.code(), 7);
        // And again.
        const exit_status once_more = co_await bad.wait();
        EXPECT_EQ(once_more.code(), 7);
        EXPECT_EQ(bad.try_wait(), exit_status::exited(7));
        EXPECT_FALSE(is_there(bad.pid()));
    });
}

TEST_P(child_test, talks_through_its_pipes) {
    run([]() -> task<> {
        child echo = start_cat();
        EXPECT_EQ(echo.try_wait(), std::nullopt);
        co_await write_all(echo.input(), bytes_of("hello"));
        std::array<std::byte, 5> answer{};
        co_await read_exactly(echo.output(), answer);
        EXPECT_EQ(answer[4], std::byte{'o'});
        echo.input().close();
        const std::string rest = co_await read_to_end(echo.output());
        EXPECT_EQ(rest, "");
        const exit_status status = co_await echo.wait();
        EXPECT_TRUE(status.success());
    });
}

TEST_P(child_test, a_stream_that_is_no_pipe_is_an_error) {
    run([]() -> task<> {
        child quiet = command("true").spawn();
        EXPECT_THROW((void)quiet.input(), std::system_error);
        EXPECT_THROW((void)quiet.output(), std::system_error);
        EXPECT_THROW((void)quiet.error(), std::system_error);
        (void)co_await quiet.wait();
    });
}

TEST_P(child_test, can_be_killed_and_terminated) {
    run([]() -> task<> {
        child first = start_sleeper();
        child second = start_sleeper();
        child third = start_sleeper();
        first.kill();
        second.terminate();
        third.signal(SIGUSR1);
        const exit_status of_first = co_await first.wait();
        const exit_status of_second = co_await second.wait();
        const exit_status of_third = co_await third.wait();
        EXPECT_EQ(of_first, exit_status::killed(SIGKILL));
        EXPECT_EQ(of_second, exit_status::killed(SIGTERM));
        EXPECT_EQ(of_third, exit_status::killed(SIGUSR1));
        first.kill();  // nobody is meant any more, whoever has got its number
    });
}

TEST_P(child_test, one_that_closes_its_input_early_is_an_error_to_write_to) {
    run([]() -> task<> {
        child deaf = command("true").input(stdio::pipe).spawn();
        (void)co_await deaf.wait();
        int error = 0;
        try {
            co_await write_all(deaf.input(), bytes_of("hello?"));
        } catch (const std::system_error& failure) {
            error = failure.code().value();
        }
        EXPECT_EQ(error, EPIPE);
    });
}

TEST_P(child_test, a_cancel_ends_a_wait) {
    run([]() -> task<> {
        co_await expect_stop_ends(wait_for_a_sleeper);
        co_await expect_deadline_ends(wait_for_a_sleeper);
        co_await expect_stop_ends(wait_for_the_end_of_a_sleeper);
        co_await expect_deadline_ends(wait_for_the_end_of_a_sleeper);
    });
}

TEST_P(child_test, a_cancel_ends_a_read) {
    run([]() -> task<> {
        co_await expect_stop_ends(read_from_a_silent_one);
        co_await expect_deadline_ends(read_from_a_silent_one);
    });
}

TEST_P(child_test, a_cancel_ends_a_write) {
    run([]() -> task<> {
        co_await expect_stop_ends(write_to_one_that_does_not_read);
        co_await expect_deadline_ends(write_to_one_that_does_not_read);
    });
}

TEST_P(child_test, a_wait_can_be_taken_up_again) {
    run([]() -> task<> {
        child echo = start_cat();
        co_await expect_deadline_ends([](child& of) { return of.wait(); }, echo);
        EXPECT_TRUE(is_there(echo.pid()));
        echo.input().close();
        const exit_status status = co_await echo.wait();
        EXPECT_TRUE(status.success());
    });
}

TEST_P(child_test, its_end_is_a_branch_of_a_select) {
    run([]() -> task<> {
        child echo = start_cat();
        auto early = co_await select(echo.ended(), sleep_for(2ms));
        EXPECT_EQ(early.index(), 1U);
        echo.input().close();
        auto late = co_await select(echo.ended(), sleep_for(10s));
        EXPECT_EQ(late.index(), 0U);
        EXPECT_EQ(echo.try_wait(), exit_status());
    });
}

TEST_P(child_test, the_end_of_its_scope_kills_it_and_leaves_no_zombie) {
    run([]() -> task<> {
        int pid = 0;
        {
            const child running = start_sleeper();
            pid = running.pid();
            EXPECT_TRUE(is_there(pid));
        }
        co_await expect_gone(pid);
        {
            // It has ended, but nobody has asked.
            const child ended = command("true").spawn();
            pid = ended.pid();
            co_await ended.ended();
        }
        EXPECT_FALSE(is_there(pid));
    });
}

TEST_P(child_test, one_that_is_let_go_runs_on_and_leaves_no_zombie) {
    run([]() -> task<> {
        std::vector<int> pids;
        std::vector<pipe_writer> inputs;
        for (int i = 0; i < 10; ++i) {
            child free = start_cat();
            pids.push_back(free.pid());
            inputs.push_back(std::move(free.input()));
            free.detach();
            EXPECT_EQ(free.native_handle(), -1);
            EXPECT_THROW((void)free.pid(), std::system_error);
        }
        for (const int pid : pids)
            EXPECT_TRUE(is_there(pid));
        while (!pids.empty()) {
            inputs.pop_back();
            co_await expect_gone(pids.back());
            pids.pop_back();
            for (const int pid : pids)
                EXPECT_TRUE(is_there(pid));
        }
        // All have gone: whoever waited for them has gone too, and comes back.
        child last = start_cat();
        const int pid = last.pid();
        inputs.push_back(std::move(last.input()));
        last.detach();
        inputs.clear();
        co_await expect_gone(pid);
    });
}

TEST_P(child_test, two_hundred_run_at_once) {
    run([]() -> task<> {
        std::vector<child> all;
        for (int i = 0; i < 200; ++i)
            all.push_back(start_cat());
        co_await scope(
            [](task_scope& jobs, std::vector<child>& running) -> task<> {
                for (child& each : running)
                    co_await jobs.spawn(
                        [](child mine) -> task<> {
                            co_await write_all(mine.input(), bytes_of("so many"));
                            mine.input().close();
                            const std::string said = co_await read_to_end(mine.output());
                            EXPECT_EQ(said, "so many");
                            const exit_status status = co_await mine.wait();
                            EXPECT_TRUE(status.success());
                            EXPECT_FALSE(is_there(mine.pid()));
                        },
                        std::move(each)
                    );
            },
            all
        );
    });
}

TEST(child, an_answer_that_was_taken_elsewhere_is_an_error) {
    const auto before = std::signal(SIGCHLD, SIG_IGN);
    run(threads, []() -> task<> {
        child lost = command("true").spawn();
        int error = 0;
        try {
            (void)co_await lost.wait();
        } catch (const std::system_error& failure) {
            error = failure.code().value();
            EXPECT_NE(std::string(failure.what()).find("true"), std::string::npos);
        }
        EXPECT_EQ(error, ECHILD);
    });
    std::signal(SIGCHLD, before);
}

TEST(child, a_fork_does_not_kill_its_parents_children) {
    run(threads, []() -> task<> {
        child echo = start_cat();
        const pid_t forked = ::fork();
        if (forked == 0) {
            {
                const child taken(std::move(echo));
            }
            ::_exit(0);
        }
        int status = -1;
        EXPECT_EQ(::waitpid(forked, &status, 0), forked);
        EXPECT_EQ(status, 0);
        EXPECT_EQ(echo.try_wait(), std::nullopt);
        co_await write_all(echo.input(), bytes_of("still there"));
        echo.input().close();
        const std::string said = co_await read_to_end(echo.output());
        EXPECT_EQ(said, "still there");
        const exit_status ended = co_await echo.wait();
        EXPECT_TRUE(ended.success());
    });
}

TEST(child, a_fork_has_children_of_its_own) {
    // The parent has used all that a fork has to make anew.
    {
        const child killed = start_sleeper();
    }
    const pid_t forked = ::fork();
    if (forked == 0) {
        const bool right = run(threads, []() -> task<bool> {
            child echo = start_cat();
            const int pid = echo.pid();
            const pipe_writer input = std::move(echo.input());
            echo.detach();
            const command_output said = co_await command("echo").arg("hello").output();
            co_return said.output == "hello\n" && is_there(pid);
        });
        ::_exit(right ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(::waitpid(forked, &status, 0), forked);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace amphi
