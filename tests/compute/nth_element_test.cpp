// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/nth_element.hpp>

#include "support/compute_pools.hpp"
#include "support/orders.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class nth_element_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, nth_element_on, testing::pool_sizes());

void expect_nth(const std::vector<int>& all, const std::vector<int>& sorted, std::size_t place) {
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(place);
    ASSERT_EQ(*at, sorted[place]);
    EXPECT_TRUE(std::all_of(all.begin(), at, [&](int each) { return each <= *at; }));
    EXPECT_TRUE(std::all_of(at, all.end(), [&](int each) { return each >= *at; }));
}

TEST_P(nth_element_on, puts_the_element_where_a_sort_would) {
    for (const std::size_t size : sizes()) {
        std::vector<std::vector<int>> orders = testing::hard_orders(size);
        orders.push_back(numbers(size, 100));
        orders.push_back(numbers(size));
        for (std::vector<int>& all : orders) {
            const std::vector<int> before = all;
            std::vector<int> sorted = all;
            std::sort(sorted.begin(), sorted.end());
            const std::size_t place = below(size + 1);
            const auto at = all.begin() + static_cast<std::ptrdiff_t>(place);
            pool.run([&] { parallel::nth_element(all.begin(), at, all.end()); });
            EXPECT_TRUE(testing::same_elements(all, before));
            if (place < size) expect_nth(all, sorted, place);
        }
    }
}

TEST_P(nth_element_on, takes_a_range) {
    std::vector<int> all = numbers(10'000);
    std::vector<int> sorted = all;
    std::sort(sorted.begin(), sorted.end());
    pool.run([&] { parallel::nth_element(all, all.begin() + 1'234); });
    expect_nth(all, sorted, 1'234);
}

TEST_P(nth_element_on, partial_sort_sorts_the_smallest) {
    for (const std::size_t size : sizes(30'000)) {
        std::vector<std::string> all = testing::as_strings(numbers(size));
        const std::vector<std::string> before = all;
        std::vector<std::string> sorted = all;
        std::sort(sorted.begin(), sorted.end());
        const auto some = static_cast<std::ptrdiff_t>(below(size + 1));
        pool.run([&] { parallel::partial_sort(all.begin(), all.begin() + some, all.end()); });
        EXPECT_TRUE(std::equal(all.begin(), all.begin() + some, sorted.begin()));
        std::vector<std::string> range = before;
        const std::greater<> greater;
        pool.run([&] { parallel::partial_sort(range, range.begin() + some, greater); });
        EXPECT_TRUE(std::equal(range.begin(), range.begin() + some, sorted.rbegin()));
        EXPECT_TRUE(testing::same_elements(all, before));
    }
}

TEST_P(nth_element_on, all_elements_are_there_when_the_comparison_throws) {
    std::vector<std::string> all = testing::as_strings(numbers(20'000));
    const std::vector<std::string> before = all;
    std::atomic<int> comparisons{0};
    const auto fails = [&] {
        parallel::nth_element(
            all.begin(),
            all.begin() + 7'000,
            all.end(),
            [&](const std::string& a, const std::string& b) {
                if (++comparisons == 15'000) throw std::runtime_error("enough");
                return a < b;
            }
        );
    };
    EXPECT_THROW(pool.run(fails), std::runtime_error);
    EXPECT_TRUE(testing::same_elements(all, before));
}

}  // namespace
}  // namespace amphi
