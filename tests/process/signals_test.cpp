// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/process/signals.hpp>
#include <amphi/sync/latch.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>

#include "support/borrowed.hpp"
#include "support/build.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using testing::borrowed;
using testing::expect_deadline_ends;
using testing::expect_stop_ends;

class signals_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, signals_test, testing::all_lives(), testing::name_of_life);

using handler = void (*)(int);

handler handler_of(int number) {
    struct sigaction now{};
    EXPECT_EQ(::sigaction(number, nullptr, &now), 0);
    return now.sa_handler;
}

task<int> receive_from(signals& from) {
    co_return co_await from.receive();
}

task<int> receive_lent(borrowed<signals> from) {
    co_return co_await from->receive();
}

task<int> receive_own(int number) {
    const signals own{number};
    co_return co_await own.receive();
}

TEST_P(signals_test, a_signal_that_has_come_is_received) {
    run([]() -> task<> {
        signals heard{SIGUSR1, SIGUSR2};
        EXPECT_EQ(heard.try_receive(), std::nullopt);
        std::raise(SIGUSR2);
        const int first = co_await heard.receive();
        EXPECT_EQ(first, SIGUSR2);
        std::raise(SIGUSR1);
        EXPECT_EQ(heard.try_receive(), SIGUSR1);
        EXPECT_EQ(heard.try_receive(), std::nullopt);
    });
}

TEST_P(signals_test, a_wait_ends_when_a_signal_comes) {
    run([]() -> task<> {
        signals heard{SIGUSR1};
        co_await scope(
            [](task_scope& jobs, signals& from) -> task<> {
                for (int i = 0; i < 20; ++i) {
                    auto waiting = co_await jobs.spawn(receive_lent, borrowed(from));
                    if (i % 2 == 0) co_await sleep_for(1ms);  // mostly it is parked by then
                    std::raise(SIGUSR1);
                    const int number = co_await waiting.join();
                    EXPECT_EQ(number, SIGUSR1);
                }
            },
            heard
        );
    });
}

TEST_P(signals_test, signals_of_one_number_are_received_once) {
    run([]() -> task<> {
        signals heard{SIGUSR1, SIGUSR2};
        for (int i = 0; i < 5; ++i)
            std::raise(SIGUSR1);
        std::raise(SIGUSR2);
        const int first = co_await heard.receive();
        const int second = co_await heard.receive();
        EXPECT_EQ(first, SIGUSR1);
        EXPECT_EQ(second, SIGUSR2);
        EXPECT_EQ(heard.try_receive(), std::nullopt);
    });
}

TEST_P(signals_test, each_listener_receives) {
    run([]() -> task<> {
        const signals one{SIGUSR1};
        const signals other{SIGUSR1, SIGUSR2};
        std::raise(SIGUSR1);
        const int to_one = co_await one.receive();
        const int to_other = co_await other.receive();
        EXPECT_EQ(to_one, SIGUSR1);
        EXPECT_EQ(to_other, SIGUSR1);
        std::raise(SIGUSR2);
        EXPECT_EQ(one.try_receive(), std::nullopt);
        EXPECT_EQ(other.try_receive(), SIGUSR2);
    });
}

TEST_P(signals_test, a_stop_ends_a_wait) {
    run([]() -> task<> { co_await expect_stop_ends(receive_own, SIGUSR1); });
}

TEST_P(signals_test, a_deadline_ends_a_wait) {
    run([]() -> task<> {
        const int number = SIGUSR1;
        co_await expect_deadline_ends(receive_own, number);
    });
}

TEST_P(signals_test, a_cancel_loses_nothing) {
    run([]() -> task<> {
        signals heard{SIGUSR1};
        co_await expect_deadline_ends(receive_from, heard);
        std::raise(SIGUSR1);
        const int number = co_await heard.receive();
        EXPECT_EQ(number, SIGUSR1);
    });
}

TEST_P(signals_test, it_is_a_branch_of_a_select) {
    run([]() -> task<> {
        const signals heard{SIGUSR1};
        auto nothing = co_await select(heard.receive(), sleep_for(2ms));
        EXPECT_EQ(nothing.index(), 1U);

        std::raise(SIGUSR1);
        auto slept = co_await select(sleep_for(0ms), heard.receive());
        EXPECT_EQ(slept.index(), 0U);
        // The branch that has lost has taken nothing.
        auto received = co_await select(heard.receive(), sleep_for(10s));
        EXPECT_EQ(std::get<0>(received), SIGUSR1);
        EXPECT_EQ(heard.try_receive(), std::nullopt);
    });
}

TEST_P(signals_test, a_select_that_waits_is_ended_by_a_signal) {
    run([]() -> task<> {
        const signals heard{SIGUSR1};
        std::thread other([] {
            const time_point until = clock::now() + 2ms;
            while (clock::now() < until)
                std::this_thread::yield();
            std::raise(SIGUSR1);
        });
        auto received = co_await select(sleep_for(10s), heard.receive());
        other.join();
        EXPECT_EQ(received.index(), 1U);
    });
}

TEST_P(signals_test, a_listener_can_be_moved_and_given_away) {
    run([]() -> task<> {
        signals heard{SIGUSR1};
        co_await scope(
            [](task_scope& jobs, signals& from) -> task<> {
                auto receiving = co_await jobs.spawn(
                    [](signals mine) -> task<int> { co_return co_await mine.receive(); },
                    std::move(from)
                );
                std::raise(SIGUSR1);
                const int number = co_await receiving.join();
                EXPECT_EQ(number, SIGUSR1);
            },
            heard
        );
    });
}

TEST(signals, what_a_signal_did_is_restored_by_the_last_listener) {
    const auto before = std::signal(SIGUSR1, SIG_IGN);
    {
        const signals first{SIGUSR1};
        {
            const signals second{SIGUSR1, SIGUSR2};
            EXPECT_NE(handler_of(SIGUSR1), SIG_IGN);
        }
        EXPECT_NE(handler_of(SIGUSR1), SIG_IGN);
        EXPECT_EQ(handler_of(SIGUSR2), SIG_DFL);
    }
    EXPECT_EQ(handler_of(SIGUSR1), SIG_IGN);
    std::signal(SIGUSR1, before);
}

void another_handler(int) {}

TEST(signals, a_handler_that_came_later_stays) {
    const auto before = handler_of(SIGUSR1);
    {
        const signals heard{SIGUSR1};
        std::signal(SIGUSR1, another_handler);
    }
    EXPECT_EQ(handler_of(SIGUSR1), another_handler);
    {
        const signals first{SIGUSR1};
        std::signal(SIGUSR1, SIG_IGN);
        const signals second{SIGUSR1};  // hears again, and the first with it
        std::raise(SIGUSR1);
        EXPECT_EQ(first.try_receive(), SIGUSR1);
        EXPECT_EQ(second.try_receive(), SIGUSR1);
    }
    EXPECT_EQ(handler_of(SIGUSR1), SIG_IGN);
    std::signal(SIGUSR1, before);
}

TEST(signals, errno_and_blocked_calls_are_left_alone) {
    const signals heard{SIGUSR1};
    errno = 77;
    std::raise(SIGUSR1);
    EXPECT_EQ(errno, 77);
    struct sigaction now{};
    EXPECT_EQ(::sigaction(SIGUSR1, nullptr, &now), 0);
    EXPECT_NE(now.sa_flags & SA_RESTART, 0);
}

TEST(signals, those_that_nobody_can_answer_are_refused_by_name) {
    for (const int number : {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, 0, 65}) {
        const auto before = handler_of(SIGUSR1);
        try {
            const signals refused{SIGUSR1, number};
            ADD_FAILURE() << number << " was accepted";
        } catch (const std::system_error& error) {
            EXPECT_EQ(error.code().value(), EINVAL);
            const std::string what = error.what();
            EXPECT_NE(what.find("listen to " + signal_name(number)), std::string::npos) << what;
        }
        EXPECT_EQ(handler_of(SIGUSR1), before);
    }
    // The C library keeps it to itself, which is found out after others have been installed.
    const auto before = handler_of(SIGUSR1);
    EXPECT_THROW((signals{SIGUSR1, 32}), std::system_error);
    EXPECT_EQ(handler_of(SIGUSR1), before);
    EXPECT_THROW((signals(std::span<const int>())), std::system_error);
}

TEST(signals, have_names) {
    EXPECT_EQ(signal_name(SIGINT), "SIGINT");
    EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
    EXPECT_EQ(signal_name(SIGRTMIN + 3), "SIGRTMIN+3");
    EXPECT_EQ(signal_name(99), "signal 99");
}

TEST(signals, the_last_of_all_can_be_received) {
    const signals heard{SIGRTMAX};
    std::raise(SIGRTMAX);
    EXPECT_EQ(heard.try_receive(), SIGRTMAX);
}

TEST(signals, one_moved_from_receives_no_more) {
    signals heard{SIGUSR1};
    const signals now(std::move(heard));
    EXPECT_EQ(heard.native_handle(), -1);  // NOLINT(bugprone-use-after-move): what it promises
    EXPECT_THROW((void)heard.try_receive(), std::system_error);
    std::raise(SIGUSR1);
    EXPECT_EQ(now.try_receive(), SIGUSR1);
}

TEST(signals, a_fork_listens_for_itself) {
    signals heard{SIGUSR1, SIGUSR2};
    std::raise(SIGUSR1);
    const pid_t forked = ::fork();
    if (forked == 0) {
        // What came before was the parent's.
        bool right = heard.try_receive() == std::nullopt;
        std::raise(SIGUSR2);
        right = right && heard.try_receive() == SIGUSR2;
        {
            const signals own{SIGHUP};
            std::raise(SIGHUP);
            right = right && own.try_receive() == SIGHUP;
        }
        ::_exit(right ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(::waitpid(forked, &status, 0), forked);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(heard.try_receive(), SIGUSR1);
    EXPECT_EQ(heard.try_receive(), std::nullopt);
}

// Its pipe is closed then, and what the fork opens under those numbers is not the listener's.
TEST(signals, a_fork_without_descriptors_left_hears_nothing) {
    auto heard = std::make_unique<signals>(std::initializer_list<int>{SIGUSR1});
    const int number = heard->native_handle();
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{0, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const pid_t forked = ::fork();
    ::setrlimit(RLIMIT_NOFILE, &before);
    if (forked == 0) {
        bool right = ::dup2(STDERR_FILENO, number) == number;
        bool refused = false;
        try {
            (void)heard->try_receive();
        } catch (const std::system_error& error) {
            refused = error.code() == std::errc::bad_file_descriptor;
        }
        std::raise(SIGUSR1);
        heard.reset();
        right = right && refused && ::fcntl(number, F_GETFD) >= 0;
        ::_exit(right ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(::waitpid(forked, &status, 0), forked);
    EXPECT_EQ(status, 0);
}

/// One that comes while another thread is about to tell of its like is one with that: soon there.
bool receives(const signals& from, int number) {
    const time_point until = clock::now() + 10s;
    while (clock::now() < until) {
        if (from.try_receive() == number) return true;
        std::this_thread::yield();
    }
    return false;
}

// Listeners come and go under the handler's feet. One that stays keeps the handler installed.
TEST(signals, listeners_come_and_go_while_signals_come) {
    const signals stays{SIGUSR1};
    std::atomic<bool> over{false};
    std::thread raising([&over] {
        while (!over.load())
            std::raise(SIGUSR1);
    });
    int received = 0;
    const time_point until = clock::now() + (testing::sanitized ? 1000ms : 500ms);
    for (int i = 0; i < 100'000 && clock::now() < until; ++i) {
        const signals first{SIGUSR1};
        const signals second{SIGUSR2, SIGUSR1};
        std::raise(SIGUSR1);
        EXPECT_TRUE(receives(first, SIGUSR1));
        EXPECT_TRUE(receives(second, SIGUSR1));
        ++received;
    }
    over.store(true);
    raising.join();
    EXPECT_GT(received, 0);
    EXPECT_TRUE(receives(stays, SIGUSR1));
}

}  // namespace
}  // namespace amphi
