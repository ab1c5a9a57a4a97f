// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/stable_sort.hpp>

#include "support/compute_pools.hpp"
#include "support/orders.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class stable_sort_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, stable_sort_on, testing::pool_sizes());

TEST_P(stable_sort_on, equal_elements_stay_in_their_order) {
    for (const std::size_t size : sizes()) {
        for (const int limit : {3, 1'000, 1'000'000'000}) {
            std::vector<testing::wide> all = testing::as_wide(numbers(size, limit));
            std::vector<testing::wide> expected = all;
            testing::sort_by_place(expected, std::less<>());
            pool.run([&] { parallel::stable_sort(all); });
            EXPECT_TRUE(all == expected);
        }
    }
}

TEST_P(stable_sort_on, hard_orders) {
    for (const std::vector<int>& order : testing::hard_orders(30'000)) {
        std::vector<testing::wide> all = testing::as_wide(order);
        std::vector<testing::wide> expected = all;
        const auto greater = [](const auto& a, const auto& b) { return b < a; };
        testing::sort_by_place(expected, greater);
        pool.run([&] { parallel::stable_sort(all.begin(), all.end(), greater); });
        EXPECT_TRUE(all == expected);
    }
}

TEST_P(stable_sort_on, elements_that_only_move_and_strings) {
    for (const std::size_t size : sizes(30'000)) {
        const std::vector<int> keys = numbers(size, 1'000);
        std::vector<std::unique_ptr<int>> owners;
        for (const int each : keys)
            owners.push_back(std::make_unique<int>(each));
        std::vector<int> sorted = keys;
        std::sort(sorted.begin(), sorted.end());
        std::vector<std::string> strings = testing::as_strings(keys);
        std::vector<std::string> sorted_strings = strings;
        std::sort(sorted_strings.begin(), sorted_strings.end(), std::greater<>());
        pool.run([&] {
            parallel::stable_sort(owners, [](const auto& a, const auto& b) { return *a < *b; });
            parallel::stable_sort(strings, std::greater<>());
        });
        for (std::size_t i = 0; i < size; ++i)
            ASSERT_EQ(*owners[i], sorted[i]);
        EXPECT_EQ(strings, sorted_strings);
    }
}

TEST_P(stable_sort_on, all_elements_are_there_when_the_comparison_throws) {
    for (const std::size_t after : {1U, 10U, 1'000U, 50'000U, 200'000U}) {
        std::vector<std::string> all = testing::as_strings(numbers(20'000, 10'000));
        const std::vector<std::string> before = all;
        std::atomic<std::size_t> comparisons{0};
        const auto fails = [&] {
            parallel::stable_sort(all, [&](const std::string& a, const std::string& b) {
                if (++comparisons >= after) throw std::runtime_error("enough");
                return a < b;
            });
        };
        EXPECT_THROW(pool.run(fails), std::runtime_error);
        EXPECT_TRUE(testing::same_elements(all, before));
    }
}

}  // namespace
}  // namespace amphi
