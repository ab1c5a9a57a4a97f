// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/join.hpp>
#include <amphi/compute/pool.hpp>
#include <amphi/exec/worker_count.hpp>

#include "support/build.hpp"
#include "support/thread_count.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi {
namespace {

static_assert(!std::is_aggregate_v<compute_options>);

std::string name_of_this_thread() {
    char name[16] = {};
    EXPECT_EQ(::pthread_getname_np(::pthread_self(), name, sizeof name), 0);
    return name;
}

TEST(compute_pool, names_its_threads_and_runs_the_start_hook_on_them) {
    static std::atomic<int> started{0};
    compute_pool pool(compute_options{}.workers(1).name("tiles").on_start([](std::size_t index) {
        EXPECT_EQ(index, 0U);
        ++started;
    }));
    EXPECT_EQ(started, 0);
    EXPECT_EQ(pool.run(name_of_this_thread), "tiles-0");
    EXPECT_EQ(started, 1);
    EXPECT_EQ(pool.workers(), 1U);
}

TEST(compute_pool, starts_no_thread_before_its_first_job_and_ends_them_with_it) {
    testing::start_the_sanitizers_thread();
    const std::ptrdiff_t before = testing::thread_count();
    {
        compute_pool pool(compute_options{}.workers(3));
        EXPECT_EQ(testing::thread_count(), before);
        pool.run([] {});
        EXPECT_GT(testing::thread_count(), before);
    }
    EXPECT_TRUE(testing::thread_count_becomes(before));
}

// The first of the callers tries to start a thread; the others must not rely on it.
TEST(compute_pool, tells_every_caller_when_no_thread_can_be_started) {
    compute_pool pool(compute_options{}.workers(2).stack(std::size_t{1} << 46));
    std::atomic<int> told{0};
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i)
        callers.emplace_back([&] {
            for (int call = 0; call < 50; ++call) {
                try {
                    pool.run([] { ADD_FAILURE() << "on a stack of 64 TB"; });
                } catch (const std::system_error&) {
                    ++told;
                }
            }
        });
    for (std::thread& caller : callers)
        caller.join();
    EXPECT_EQ(told, 200);
}

TEST(compute_pool, is_as_large_as_the_environment_says) {
    const char* const before = std::getenv("AMPHI_COMPUTE_WORKERS");
    const std::string kept = before != nullptr ? before : "";
    ::setenv("AMPHI_COMPUTE_WORKERS", "3", 1);
    EXPECT_EQ(compute_pool().workers(), 3U);
    EXPECT_EQ(compute_pool(compute_options{}.workers(2)).workers(), 2U);
    for (const char* const bad : {"0", "many", "1025"}) {
        ::setenv("AMPHI_COMPUTE_WORKERS", bad, 1);
        EXPECT_THROW(compute_pool{}, std::invalid_argument);
    }
    if (before != nullptr)
        ::setenv("AMPHI_COMPUTE_WORKERS", kept.c_str(), 1);
    else
        ::unsetenv("AMPHI_COMPUTE_WORKERS");
}

TEST(compute_pool, run_inside_of_it_just_calls) {
    compute_pool pool(compute_options{}.workers(1));
    EXPECT_EQ(pool.run([&] { return pool.run([] { return 3; }); }), 3);
}

TEST(compute_pool, run_throws_what_was_thrown) {
    compute_pool pool(compute_options{}.workers(1));
    EXPECT_THROW(pool.run([] { throw std::out_of_range("inside"); }), std::out_of_range);
}

TEST(compute_pool, one_may_call_into_another_and_back) {
    compute_pool outer(compute_options{}.workers(1).name("outer"));
    compute_pool inner(compute_options{}.workers(1).name("inner"));
    const std::string back =
        outer.run([&] { return inner.run([&] { return outer.run(name_of_this_thread); }); });
    EXPECT_EQ(back, "outer-0");
}

TEST(compute, is_shared_and_sized_by_the_environment_or_the_machine) {
    const char* const asked = std::getenv("AMPHI_COMPUTE_WORKERS");
    EXPECT_EQ(
        compute.workers(),
        asked != nullptr ? static_cast<std::size_t>(std::atoi(asked)) : usable_cpus()
    );
}

TEST(compute, works_again_in_a_fork) {
    if (amphi::testing::thread_sanitized)
        GTEST_SKIP() << "the thread sanitizer lets a fork start no threads";
    EXPECT_EQ(join([] { return 1; }, [] { return 2; }).second, 2);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(join([] { return 1; }, [] { return 41; }).second);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 41);
}

TEST(compute_pool, refuses_in_a_fork_that_has_none_of_its_threads) {
    compute_pool pool(compute_options{}.workers(1));
    pool.run([] {});
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        try {
            pool.run([] {});
        } catch (const std::logic_error&) {
            ::_exit(7);
        }
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 7);
}

}  // namespace
}  // namespace amphi
