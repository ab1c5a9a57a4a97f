// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/base/error.hpp>
#include <amphi/compute/join.hpp>
#include <amphi/compute/pool.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/task/task.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using ::testing::Pair;

/// Every test of a pool runs with one thread, with two, and with more than there are CPUs.
class pools : public ::testing::TestWithParam<std::size_t> {
protected:
    compute_pool pool{compute_options{}.workers(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(threads, pools, ::testing::Values(1, 2, 7));

std::uint64_t fibonacci(unsigned n) {
    if (n < 2) return n;
    const auto [a, b] = join([n] { return fibonacci(n - 1); }, [n] { return fibonacci(n - 2); });
    return a + b;
}

TEST_P(pools, join_computes_what_a_recursion_does) {
    EXPECT_EQ(pool.run([] { return fibonacci(20); }), 6765U);
}

TEST(join, outside_of_a_pool_moves_to_the_shared_one) {
    EXPECT_EQ(fibonacci(15), 610U);
}

TEST_P(pools, join_gives_values_of_any_kind) {
    pool.run([] {
        EXPECT_THAT(join([] { return 1; }, [] {}), Pair(1, std::monostate()));
        EXPECT_THAT(
            join([] { return std::string("a"); }, [] { return 2; }), Pair(std::string("a"), 2)
        );
        auto [first, second] = join([] {}, [] { return std::make_unique<int>(3); });
        EXPECT_EQ(*second, 3);
        static_assert(std::is_void_v<decltype(join([] {}, [] {}))>);
    });
}

TEST_P(pools, join_throws_what_the_first_half_threw_after_both_have_ended) {
    pool.run([] {
        bool second_ended = false;
        const auto fails = [&] {
            join([] { throw std::runtime_error("first"); }, [&] { second_ended = true; });
        };
        EXPECT_THROW(fails(), std::runtime_error);
        EXPECT_TRUE(second_ended);
    });
}

TEST_P(pools, join_throws_what_the_second_half_threw) {
    pool.run([] {
        bool first_ended = false;
        const auto fails = [&] {
            join([&] { first_ended = true; }, []() -> int { throw std::out_of_range("second"); });
        };
        EXPECT_THROW(fails(), std::out_of_range);
        EXPECT_TRUE(first_ended);
    });
}

TEST_P(pools, join_throws_the_first_halfs_failure_when_both_fail) {
    pool.run([] {
        const auto fails = [] {
            join([] { throw std::runtime_error("1"); }, [] { throw std::out_of_range("2"); });
        };
        EXPECT_THROW(fails(), std::runtime_error);
    });
}

// Both halves must run at once for this to end; one of them is on another thread then.
TEST(join, runs_the_second_half_on_another_thread_while_the_first_is_busy) {
    compute_pool pool(compute_options{}.workers(2));
    pool.run([] {
        std::atomic<bool> second_runs{false};
        const auto [first, second] = join(
            [&] {
                while (!second_runs)
                    std::this_thread::yield();
                return std::this_thread::get_id();
            },
            [&] {
                second_runs = true;
                return std::this_thread::get_id();
            }
        );
        EXPECT_NE(first, second);
    });
}

TEST(join, takes_an_exception_over_from_another_thread) {
    compute_pool pool(compute_options{}.workers(2));
    pool.run([] {
        std::atomic<bool> second_runs{false};
        const auto fails = [&] {
            join(
                [&] {
                    while (!second_runs)
                        std::this_thread::yield();
                },
                [&] {
                    second_runs = true;
                    throw std::runtime_error("from elsewhere");
                }
            );
        };
        EXPECT_THROW(fails(), std::runtime_error);
    });
}

unsigned depth_of(unsigned n) {
    if (n == 0) return 0;
    return join([n] { return depth_of(n - 1); }, [] {}).first + 1;
}

TEST_P(pools, join_nests_deeply) {
    // Without optimisation, or with a sanitizer, a level takes some kilobytes, as any call would.
    compute_pool deep(compute_options{}.workers(GetParam()).stack(std::size_t{256} << 20));
    EXPECT_EQ(deep.run([] { return depth_of(10'000); }), 10'000U);
}

TEST_P(pools, many_threads_may_enter_at_once) {
    std::vector<std::thread> callers;
    std::atomic<std::uint64_t> sum{0};
    for (int i = 0; i < 8; ++i)
        callers.emplace_back([&] {
            for (int round = 0; round < 20; ++round)
                sum += pool.run([] { return fibonacci(10); });
        });
    for (std::thread& caller : callers)
        caller.join();
    EXPECT_EQ(sum, 8U * 20U * 55U);
}

task<bool> join_is_refused() {
    try {
        (void)fibonacci(3);
    } catch (const would_block_worker&) {
        co_return true;
    }
    co_return false;
}

TEST(join, refuses_to_block_an_async_worker) {
    EXPECT_TRUE(run(async, join_is_refused));
    EXPECT_FALSE(run(threads, join_is_refused));
}

}  // namespace
}  // namespace amphi
