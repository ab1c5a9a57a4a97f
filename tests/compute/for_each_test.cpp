// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/base/error.hpp>
#include <amphi/compute/for_each.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/task/task.hpp>

#include "support/compute_pools.hpp"

#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class for_each_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, for_each_on, testing::pool_sizes());

TEST_P(for_each_on, each_element_is_visited_once) {
    for (const std::size_t size : sizes()) {
        std::vector<int> all = numbers(size);
        std::vector<int> expected = all;
        for (int& each : expected)
            each += 7;
        pool.run([&] { parallel::for_each(all, [](int& each) { each += 7; }); });
        EXPECT_EQ(all, expected);
    }
}

TEST_P(for_each_on, elements_of_any_kind) {
    std::vector<std::unique_ptr<int>> owners(1'000);
    std::vector<testing::wide> wides = testing::as_wide(numbers(1'000));
    std::vector<std::string> strings = testing::as_strings(numbers(1'000));
    std::deque<int> row(1'000, 1);
    std::atomic<int> misplaced{0};
    pool.run([&] {
        parallel::for_each(owners, [](auto& each) { each = std::make_unique<int>(3); });
        parallel::for_each(wides.begin(), wides.end(), [&](testing::wide& each) {
            if (reinterpret_cast<std::uintptr_t>(&each) % alignof(testing::wide) != 0) ++misplaced;
            each.key = 1;
        });
        parallel::for_each(std::span(strings), [](std::string& each) { each += '!'; });
        parallel::for_each(row, [](int& each) { ++each; }, parallel::grain(100));
    });
    for (std::size_t i = 0; i < 1'000; ++i) {
        ASSERT_EQ(*owners[i], 3);
        ASSERT_EQ(wides[i].key, 1);
        ASSERT_EQ(strings[i].back(), '!');
        ASSERT_EQ(row[i], 2);
    }
    EXPECT_EQ(misplaced, 0);
}

TEST_P(for_each_on, one_exception_comes_out_after_all_calls) {
    std::atomic<int> inside{0};
    const std::vector<int> all = numbers(10'000, 100);
    const auto fails = [&] {
        parallel::for_each(all, [&](int each) {
            ++inside;
            const bool bad = each == 3;
            --inside;
            if (bad) throw std::runtime_error("three");
        });
    };
    EXPECT_THROW(pool.run(fails), std::runtime_error);
    EXPECT_EQ(inside, 0);
}

TEST_P(for_each_on, it_nests) {
    std::atomic<std::size_t> calls{0};
    pool.run([&] {
        parallel::for_each_index(0, 30, [&](int) {
            parallel::for_each_index(0, 40, [&](int) { ++calls; });
        });
    });
    EXPECT_EQ(calls, 1'200U);
}

TEST_P(for_each_on, indices_from_first_to_last) {
    std::vector<std::atomic<int>> visits(5'000);
    std::atomic<std::int64_t> sum{0};
    std::atomic<int> none{0};
    pool.run([&] {
        parallel::for_each_index(0, visits.size(), [&](std::size_t i) { ++visits[i]; });
        parallel::for_each_index(-50, 51, [&](int i) { sum += i; });
        parallel::for_each_index(INT_MAX - 2, INT_MAX, [&](int i) { sum += i - INT_MAX; });
        parallel::for_each_index(INT_MIN, INT_MIN + 1, [&](int i) { sum += i == INT_MIN ? 0 : 1; });
        parallel::for_each_index(5, 3, [&](int) { ++none; });
        parallel::for_each_index(3, 3, [&](int) { ++none; });
        parallel::for_each_index(0U, -1, [&](unsigned) { ++none; });
        EXPECT_THROW(
            parallel::for_each_index(-1, visits.size(), [&](std::size_t) { ++none; }),
            std::out_of_range
        );
    });
    for (const auto& each : visits)
        ASSERT_EQ(each, 1);
    EXPECT_EQ(sum, -3);
    EXPECT_EQ(none, 0);
}

TEST(for_each, outside_of_a_pool_the_shared_one_is_used) {
    std::vector<int> all(1'000, 1);
    parallel::for_each(all, [](int& each) { ++each; });
    EXPECT_EQ(all, std::vector<int>(1'000, 2));
}

task<bool> for_each_is_refused() {
    std::vector<int> all(10);
    try {
        parallel::for_each(all, [](int& each) { ++each; });
    } catch (const would_block_worker&) {
        co_return true;
    }
    co_return false;
}

TEST(for_each, refuses_to_block_an_async_worker) {
    EXPECT_TRUE(run(async, for_each_is_refused));
    EXPECT_FALSE(run(threads, for_each_is_refused));
}

static_assert(!parallel::writable_apart<std::vector<bool>::iterator>);
static_assert(parallel::writable_apart<int*>);
static_assert(parallel::random_access_range<const std::vector<int>>);
static_assert(!parallel::random_access_range<int>);
static_assert(parallel::lasting_range<std::vector<int>&>);
static_assert(parallel::lasting_range<std::span<int>>);
static_assert(!parallel::lasting_range<std::vector<int>>);

}  // namespace
}  // namespace amphi
