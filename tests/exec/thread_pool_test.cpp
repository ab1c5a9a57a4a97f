// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/async/spawn.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/thread_pool.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/time/sleep.hpp>

#include "support/build.hpp"
#include "support/counted.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <string>
#include <system_error>

#include <grp.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

struct thread_facts;

}  // namespace

template <>
inline constexpr bool amphi::enable_sendable<thread_facts> = true;

namespace {

using namespace amphi;
using amphi::testing::counted;

TEST(plain_threads, start_as_many_as_wait_for_each_other) {
    constexpr int count = 100;  // more than are kept idle
    for (int round = 0; round < 3; ++round) {
        static std::latch* all_here = nullptr;
        std::latch latch(count);
        all_here = &latch;
        run(threads, []() -> task<> {
            co_await scope([](task_scope& jobs) -> task<> {
                const auto meets = [] { all_here->arrive_and_wait(); };
                for (int i = 0; i < count; ++i)
                    (void)co_await jobs.spawn_on(threads, meets);
            });
        });
    }
}

TEST(plain_threads, run_jobs_without_tasks) {
    std::latch done(10);
    for (int i = 0; i < 10; ++i)
        detail::start_on_plain_thread(detail::thread_job{
            [](void* latch) { static_cast<std::latch*>(latch)->count_down(); }, &done
        });
    done.wait();
}

// --- What they shall be like ------------------------------------------------------------------

constexpr std::size_t small_stack = std::size_t{128} * 1024;
constexpr std::size_t large_stack = std::size_t{64} * 1024 * 1024;

struct thread_facts {
    std::string name;
    std::size_t stack_bytes = 0;
};

thread_facts look_at_this_thread() {
    std::array<char, 16> name{};
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
    pthread_attr_t attributes;
    void* bottom = nullptr;
    std::size_t bytes = 0;
    EXPECT_EQ(::pthread_getattr_np(::pthread_self(), &attributes), 0);
    ::pthread_attr_getstack(&attributes, &bottom, &bytes);
    ::pthread_attr_destroy(&attributes);
    return {name.data(), bytes};
}

task<thread_facts> look_in_a_task() {
    EXPECT_EQ(this_task::name(), "reader of a small stack");
    co_return look_at_this_thread();
}

void expect_small_reader(const thread_facts& seen) {
    EXPECT_EQ(seen.name, "reader of a sma");
    EXPECT_GE(seen.stack_bytes, small_stack);
    EXPECT_LT(seen.stack_bytes, 2 * small_stack);
}

constexpr threads_executor readers = threads.stack(small_stack).name("reader of a small stack");

TEST(plain_threads, have_the_stack_and_the_name_that_were_asked_for) {
    auto detached = spawn_on(readers, look_in_a_task);
    expect_small_reader(wait(detached.join()));
    const auto ask_everywhere = []() -> task<> {
        const thread_facts by_call = co_await on(readers, look_in_a_task);
        expect_small_reader(by_call);
        const thread_facts plain = co_await on(threads.stack(large_stack), look_at_this_thread);
        EXPECT_GE(plain.stack_bytes, large_stack);
        const auto body = [](task_scope& jobs) -> task<> {
            auto reader = co_await jobs.spawn_on(readers, look_in_a_task);
            const thread_facts seen = co_await reader.join();
            expect_small_reader(seen);
        };
        co_await scope(body);
    };
    run(threads, ask_everywhere);
    run(async, ask_everywhere);
    // Those who ask for nothing get neither.
    auto other = spawn_on(threads, look_at_this_thread);
    const thread_facts seen = wait(other.join());
    EXPECT_EQ(seen.name, "amphi-thread");
    EXPECT_GT(seen.stack_bytes, 2 * small_stack);
}

// --- When threads run out ---------------------------------------------------------------------

void* nothing(void*) {
    return nullptr;
}

/// Whether the limit keeps this process from starting a thread: it does not for the superuser.
bool limit_bites() {
    pthread_t thread{};
    if (::pthread_create(&thread, nullptr, nothing, nullptr) != 0) return true;
    ::pthread_join(thread, nullptr);
    return false;
}

task<> hold(counted value) {
    (void)value;
    co_await sleep_until(never);
}

task<int> spawn_too_many() {
    int started = 0;
    const auto body = [&started](task_scope& jobs) -> task<> {
        for (;;) {
            (void)co_await jobs.spawn(hold, counted(1));
            ++started;
        }
    };
    std::string message;
    try {
        co_await scope(body);
    } catch (const std::system_error& error) {
        message = error.what();
    }
    if (message.find("ulimit -u") == std::string::npos) co_return -1;
    co_return started;
}

/// As a user of its own with few processes allowed: spawns until a thread cannot be started.
/// Returns which step failed; zero: none.
int exhaust_threads() {
    constexpr uid_t nobody_else = 61'234;
    if (::setgroups(0, nullptr) != 0 || ::setuid(nobody_else) != 0) return 1;
    rlimit limit{1, 30};
    ::setrlimit(RLIMIT_NPROC, &limit);
    if (!limit_bites()) return 2;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NPROC, &limit);
    try {
        if (run(threads, spawn_too_many) < 5) return 3;
    } catch (...) {
        return 4;
    }
    return counted::alive() == 0 ? 0 : 5;
}

// In a process that is executed anew: one that is only forked has lost the idle threads.
TEST(plain_threads_death, that_cannot_be_started_are_an_error_that_names_the_limit) {
    if (amphi::testing::sanitized) GTEST_SKIP() << "a sanitizer's own threads meet the limit";
    if (::geteuid() != 0) GTEST_SKIP() << "needs the superuser, to become somebody else";
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(std::_Exit(exhaust_threads()), ::testing::ExitedWithCode(0), "");
}

}  // namespace
