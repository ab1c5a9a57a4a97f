// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/sort.hpp>

#include "support/compute_pools.hpp"
#include "support/orders.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class sort_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, sort_on, testing::pool_sizes());

TEST_P(sort_on, sorts_as_the_sequential_one) {
    for (const std::size_t size : sizes()) {
        for (const int limit : {3, 1'000, 1'000'000'000}) {
            std::vector<int> all = numbers(size, limit);
            std::vector<int> expected = all;
            std::sort(expected.begin(), expected.end());
            pool.run([&] { parallel::sort(all); });
            EXPECT_EQ(all, expected);
            std::reverse(expected.begin(), expected.end());
            pool.run([&] { parallel::sort(all.begin(), all.end(), std::greater<>()); });
            EXPECT_EQ(all, expected);
        }
    }
}

TEST_P(sort_on, hard_orders_take_no_more_comparisons) {
    constexpr std::size_t count = 50'000;
    for (std::vector<int>& all : testing::hard_orders(count)) {
        std::vector<int> expected = all;
        std::sort(expected.begin(), expected.end());
        std::atomic<std::size_t> comparisons{0};
        pool.run([&] {
            parallel::sort(all, [&](int a, int b) {
                comparisons.fetch_add(1, std::memory_order_relaxed);
                return a < b;
            });
        });
        EXPECT_EQ(all, expected);
        EXPECT_LT(comparisons, count * 16 * 4);
    }
}

// An order that is made up while it is asked for, so that each pivot is among the smallest.
// (M. D. McIlroy, "A killer adversary for quicksort", 1999.)
TEST(sort, an_adversary_cannot_make_it_quadratic) {
    constexpr int count = 20'000;
    compute_pool pool(compute_options{}.workers(1));
    const int gas = count;
    std::vector<int> value(count, gas);
    std::vector<int> places(count);
    for (int i = 0; i < count; ++i)
        places[static_cast<std::size_t>(i)] = i;
    int solid = 0;
    int candidate = 0;
    std::size_t comparisons = 0;
    const auto less = [&](int a, int b) {
        ++comparisons;
        int& of_a = value[static_cast<std::size_t>(a)];
        int& of_b = value[static_cast<std::size_t>(b)];
        if (of_a == gas && of_b == gas) (a == candidate ? of_a : of_b) = solid++;
        if (of_a == gas)
            candidate = a;
        else if (of_b == gas)
            candidate = b;
        return of_a < of_b;
    };
    pool.run([&] { parallel::sort(places, less); });
    EXPECT_LT(comparisons, std::size_t{count} * 15 * 6);
}

TEST_P(sort_on, elements_of_any_kind) {
    for (const std::size_t size : sizes(30'000)) {
        const std::vector<int> keys = numbers(size, 1'000);
        std::vector<int> sorted = keys;
        std::sort(sorted.begin(), sorted.end());
        std::vector<std::unique_ptr<int>> owners;
        for (const int each : keys)
            owners.push_back(std::make_unique<int>(each));
        std::vector<testing::wide> wides = testing::as_wide(keys);
        std::vector<std::string> strings = testing::as_strings(keys);
        std::vector<std::string> sorted_strings = strings;
        std::sort(sorted_strings.begin(), sorted_strings.end());
        std::deque<int> row(keys.begin(), keys.end());
        pool.run([&] {
            parallel::sort(owners, [](const auto& a, const auto& b) { return *a < *b; });
            parallel::sort(wides);
            parallel::sort(strings);
            parallel::sort(row);
        });
        for (std::size_t i = 0; i < size; ++i) {
            ASSERT_EQ(*owners[i], sorted[i]);
            ASSERT_EQ(wides[i].key, sorted[i]);
            ASSERT_EQ(row[i], sorted[i]);
        }
        EXPECT_EQ(strings, sorted_strings);
    }
}

TEST_P(sort_on, all_elements_are_there_when_the_comparison_throws) {
    for (const std::size_t after : {1U, 10U, 1'000U, 50'000U, 200'000U}) {
        std::vector<std::string> all = testing::as_strings(numbers(20'000, 10'000));
        const std::vector<std::string> before = all;
        std::atomic<std::size_t> comparisons{0};
        const auto fails = [&] {
            parallel::sort(all, [&](const std::string& a, const std::string& b) {
                if (++comparisons == after) throw std::runtime_error("enough");
                return a < b;
            });
        };
        EXPECT_THROW(pool.run(fails), std::runtime_error);
        EXPECT_TRUE(testing::same_elements(all, before));
    }
}

}  // namespace
}  // namespace amphi
