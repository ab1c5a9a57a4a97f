// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/atomic.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/fs/file_lock.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi::fs {
namespace {

using std::filesystem::path;
using testing::borrowed;

static_assert(sendable<file_lock> && sendable<byte_range> && !std::is_aggregate_v<byte_range>);
static_assert(!std::is_copy_constructible_v<file_lock>);

class file_lock_test : public testing::each_life {
public:
    testing::temp_folder folder;
    path at = folder / "file";
};
INSTANTIATE_TEST_SUITE_P(lives, file_lock_test, testing::all_lives(), testing::name_of_life);

task<file> open_it(path at) {
    co_return co_await file::open(at, open_options().read().write().create());
}

task<> lock_it(borrowed<file> by) {
    const file_lock held = co_await by->lock();
}

task<> lock_it_shared(borrowed<file> by) {
    const file_lock held = co_await by->lock_shared();
}

TEST_P(file_lock_test, one_excludes_the_others_until_it_is_gone) {
    run(
        [](path where) -> task<> {
            file one = co_await open_it(where);
            file other = co_await open_it(where);
            {
                const file_lock held = co_await one.lock();
                EXPECT_TRUE(held);
                std::optional<file_lock> second = co_await other.try_lock();
                EXPECT_FALSE(second);
                second = co_await other.try_lock_shared();
                EXPECT_FALSE(second);
            }
            file_lock held = co_await other.lock();
            held.unlock();
            EXPECT_FALSE(held);
            EXPECT_THROW(held.unlock(), std::system_error);
            const std::optional<file_lock> third = co_await one.try_lock();
            EXPECT_TRUE(third);
        },
        at
    );
}

TEST_P(file_lock_test, shared_ones_exclude_exclusive_ones_alone) {
    run(
        [](path where) -> task<> {
            file one = co_await open_it(where);
            file other = co_await open_it(where);
            const file_lock held = co_await one.lock_shared();
            const file_lock too = co_await other.lock_shared();
            file third = co_await open_it(where);
            const std::optional<file_lock> none = co_await third.try_lock();
            EXPECT_FALSE(none);
        },
        at
    );
}

TEST_P(file_lock_test, parts_are_locked_by_themselves) {
    run(
        [](path where) -> task<> {
            file one = co_await open_it(where);
            file other = co_await open_it(where);
            const file_lock held = co_await one.lock(byte_range(100, 10));
            const file_lock before = co_await other.lock(byte_range(0, 100));
            const file_lock behind = co_await other.lock(byte_range(110, 0));
            const std::optional<file_lock> none = co_await other.try_lock(byte_range(109, 1));
            EXPECT_FALSE(none);
        },
        at
    );
}

TEST_P(file_lock_test, a_wait_ends_when_the_lock_is_free) {
    run(
        [](path where) -> task<> {
            file one = co_await open_it(where);
            file other = co_await open_it(where);
            co_await scope(
                [](task_scope& jobs, file& holder, file& waiter) -> task<> {
                    file_lock held = co_await holder.lock();
                    auto exclusive = co_await jobs.spawn(lock_it, borrowed(waiter));
                    co_await sleep_for(std::chrono::milliseconds(5));
                    EXPECT_FALSE(exclusive.done());
                    held.unlock();
                    co_await exclusive.join();
                },
                one,
                other
            );
        },
        at
    );
}

TEST_P(file_lock_test, a_stop_and_a_deadline_end_a_wait) {
    run(
        [](path where) -> task<> {
            file one = co_await open_it(where);
            file other = co_await open_it(where);
            file_lock held = co_await one.lock();
            borrowed<file> waiter(other);
            co_await testing::expect_stop_ends(lock_it, waiter);
            co_await testing::expect_deadline_ends(lock_it, waiter);
            co_await testing::expect_stop_ends(lock_it_shared, waiter);
            co_await testing::expect_deadline_ends(lock_it_shared, waiter);
            held.unlock();
            // Nothing of those waits is left, neither a lock nor a wait for one.
            const std::optional<file_lock> exclusive = co_await one.try_lock();
            EXPECT_TRUE(exclusive);
        },
        at
    );
}

// A signal that comes before the thread is in the system call must not be lost: stops of all ages.
TEST_P(file_lock_test, a_stop_is_heard_however_early_it_comes) {
    run(
        [](path where) -> task<> {
            file one = co_await open_it(where);
            file other = co_await open_it(where);
            const file_lock held = co_await one.lock();
            for (int i = 0; i < 200; ++i) {
                bool ended = false;
                try {
                    co_await timeout(std::chrono::microseconds(i), lock_it, borrowed<file>(other));
                } catch (const timed_out&) {
                    ended = true;
                }
                EXPECT_TRUE(ended);
            }
        },
        at
    );
}

// The lock becomes free as the stop comes: whoever says to have it has it.
TEST_P(file_lock_test, a_stop_that_races_with_the_lock_loses_nothing) {
    run(
        [](path where) -> task<> {
            file one = co_await open_it(where);
            file other = co_await open_it(where);
            for (int i = 0; i < 100; ++i) {
                co_await scope(
                    [](task_scope& jobs, file& holder, file& waiter) -> task<> {
                        file_lock held = co_await holder.lock();
                        auto waiting = co_await jobs.spawn(
                            [](borrowed<file> by) -> task<file_lock> {
                                co_return co_await by->lock();
                            },
                            borrowed(waiter)
                        );
                        co_await sleep_for(std::chrono::microseconds(200));
                        held.unlock();
                        waiting.request_stop();
                        try {
                            const file_lock its = co_await waiting.join();
                            const std::optional<file_lock> mine = co_await holder.try_lock();
                            EXPECT_FALSE(mine);
                        } catch (const operation_cancelled&) {
                            // What it leaves is seen next.
                        }
                        const std::optional<file_lock> mine = co_await holder.try_lock();
                        EXPECT_TRUE(mine);
                    },
                    one,
                    other
                );
            }
        },
        at
    );
}

task<bool> is_free(path where) {
    file another = co_await open_it(where);
    const std::optional<file_lock> got = co_await another.try_lock();
    co_return got.has_value();
}

TEST_P(file_lock_test, a_fork_unlocks_nothing) {
    file holder = run(open_it, at);
    std::optional<file_lock> held;
    held.emplace(
        run([](borrowed<file> by) -> task<file_lock> { co_return co_await by->lock(); },
            borrowed(holder))
    );
    const pid_t child = ::fork();
    if (child == 0) {
        held.reset();
        ::_exit(0);
    }
    ASSERT_GT(child, 0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_FALSE(run(is_free, at));
    held.reset();
    EXPECT_TRUE(run(is_free, at));
}

struct turns {
    detail::atomic<int> inside{0};
    detail::atomic<int> taken{0};
};
task<> take_a_turn(borrowed<file> by, borrowed<turns> all) {
    const file_lock held = co_await by->lock();
    const int others = all->inside.fetch_add(1);
    EXPECT_EQ(others, 0);
    co_await yield();
    all->inside.fetch_sub(1);
    all->taken.fetch_add(1);
}

TEST_P(file_lock_test, many_wait_and_each_gets_its_turn) {
    run(
        [](path where) -> task<> {
            turns all;
            std::vector<file> files;
            for (int i = 0; i < 20; ++i)
                files.push_back(co_await open_it(where));
            co_await scope(
                [](task_scope& jobs, std::vector<file>& of, turns& t) -> task<> {
                    const file_lock held = co_await of.front().lock();
                    for (std::size_t i = 1; i < of.size(); ++i)
                        (void)co_await jobs.spawn(take_a_turn, borrowed(of[i]), borrowed(t));
                    co_await sleep_for(std::chrono::milliseconds(5));
                    EXPECT_EQ(t.taken.load(), 0);
                },
                files,
                all
            );
            EXPECT_EQ(all.taken.load(), 19);
        },
        at
    );
}

TEST_P(file_lock_test, it_outlives_the_file) {
    run(
        [](path where) -> task<> {
            std::optional<file_lock> held;
            {
                file one = co_await open_it(where);
                held.emplace(co_await one.lock());
            }
            file other = co_await open_it(where);
            std::optional<file_lock> none = co_await other.try_lock();
            EXPECT_FALSE(none);
            held.reset();
            none = co_await other.try_lock();
            EXPECT_TRUE(none);
        },
        at
    );
}

TEST_P(file_lock_test, what_cannot_be_locked_is_an_error) {
    run(
        [](path where) -> task<> {
            (void)co_await open_it(where);
            file in = co_await file::open(where);
            std::string said;
            try {
                (void)co_await in.lock();
            } catch (const std::system_error& error) {
                EXPECT_EQ(error.code(), std::errc::bad_file_descriptor);
                said = error.what();
            }
            EXPECT_EQ(
                said.rfind("lock '" + where.string() + "' (it must be open for writing)", 0), 0U
            );
            constexpr auto most = std::numeric_limits<std::uint64_t>::max();
            for (const byte_range part : {byte_range(most, 1), byte_range(10, most - 4)}) {
                bool refused = false;
                try {
                    (void)co_await in.lock_shared(part);
                } catch (const std::system_error& error) {
                    EXPECT_EQ(error.code(), std::errc::invalid_argument);
                    refused = true;
                }
                EXPECT_TRUE(refused);
            }
        },
        at
    );
}

// The signals of the program stay its own.
TEST_P(file_lock_test, a_signal_that_the_program_uses_is_not_taken) {
    struct sigaction former{};
    struct sigaction mine{};
    mine.sa_handler = SIG_IGN;
    ASSERT_EQ(::sigaction(SIGRTMAX - 1, &mine, &former), 0);
    run(
        [](path where) -> task<> {
            file one = co_await open_it(where);
            file other = co_await open_it(where);
            const file_lock held = co_await one.lock();
            borrowed<file> waiter(other);
            co_await testing::expect_stop_ends(lock_it, waiter);
        },
        at
    );
    struct sigaction now{};
    ASSERT_EQ(::sigaction(SIGRTMAX - 1, &former, &now), 0);
    EXPECT_EQ(now.sa_handler, SIG_IGN);
}

}  // namespace
}  // namespace amphi::fs
