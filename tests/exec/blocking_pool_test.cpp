// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/futex.hpp>
#include <amphi/exec/blocking_metrics.hpp>
#include <amphi/exec/blocking_pool.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>

#include <cstdint>

#include <gtest/gtest.h>

namespace amphi {
namespace {

// The pool's own limit.
constexpr std::uint32_t running_max = 64;

detail::atomic<std::uint32_t> inside{0};
detail::atomic<std::uint32_t> most_inside{0};

std::uint32_t enter_and_leave() {
    const std::uint32_t now = inside.fetch_add(1) + 1;
    std::uint32_t most = most_inside.load();
    while (most < now && !most_inside.compare_exchange_weak(most, now)) {
    }
    inside.fetch_sub(1);
    return now;
}

task<> one_call() {
    (void)co_await on(threads, enter_and_leave);
}

template <class F>
task<> many(F body, int count) {
    co_await scope(
        [](task_scope& jobs, F& f, int& left) -> task<> {
            for (; left > 0; --left)
                co_await jobs.spawn(f);
        },
        body,
        count
    );
}

TEST(blocking_pool, runs_a_limited_number_at_once_and_all_in_the_end) {
    most_inside = 0;
    run(async, [] { return many(one_call, 2000); });
    EXPECT_EQ(inside.load(), 0U);
    EXPECT_GE(most_inside.load(), 1U);
    EXPECT_LE(most_inside.load(), running_max);
}

detail::atomic<std::uint32_t> gathered{0};

/// Ends when more calls are inside than the pool's limit allows at once.
std::uint32_t wait_for_one_more_than_fit() {
    const std::uint32_t now = gathered.fetch_add(1) + 1;
    detail::futex_wake(&gathered, static_cast<int>(running_max) + 1);
    for (std::uint32_t seen = now; seen <= running_max; seen = gathered.load())
        detail::futex_wait(gathered, seen);
    return now;
}

task<> one_of_those_who_gather() {
    (void)co_await on(threads, wait_for_one_more_than_fit);
}

TEST(blocking_pool, does_not_deadlock_when_running_jobs_wait_for_a_queued_one) {
    gathered = 0;
    run(async, [] { return many(one_of_those_who_gather, running_max + 1); });
    EXPECT_EQ(gathered.load(), running_max + 1);
    const blocking_pool_metrics seen = blocking_metrics();
    EXPECT_EQ(seen.running_max, running_max);
    EXPECT_EQ(seen.queued, 0U);
    EXPECT_GE(seen.finished + seen.running, running_max + 1) << "a thread counts a little later";
    EXPECT_GE(seen.beyond_limit, 1U);
}

}  // namespace
}  // namespace amphi
