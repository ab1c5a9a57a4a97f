// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/sort_by_key.hpp>

#include "support/compute_pools.hpp"
#include "support/orders.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class sort_by_key_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, sort_by_key_on, testing::pool_sizes());

TEST_P(sort_by_key_on, sorts_by_what_it_is_told) {
    for (const std::size_t size : sizes(20'000)) {
        std::vector<int> sorted = numbers(size, 1'000);
        std::vector<std::unique_ptr<int>> owners;
        for (const int each : sorted)
            owners.push_back(std::make_unique<int>(each));
        std::vector<testing::wide> wides = testing::as_wide(sorted);
        std::sort(sorted.begin(), sorted.end());
        pool.run([&] {
            parallel::sort_by_key(owners, [](const auto& each) { return *each; });
            const auto key = [](const testing::wide& each) { return each.key; };
            parallel::sort_by_key(wides.begin(), wides.end(), key, std::greater<>());
        });
        for (std::size_t i = 0; i < size; ++i) {
            ASSERT_EQ(*owners[i], sorted[i]);
            ASSERT_EQ(wides[i].key, sorted[size - 1 - i]);
        }
    }
}

TEST_P(sort_by_key_on, all_elements_are_there_when_the_key_throws) {
    std::vector<std::string> all = testing::as_strings(numbers(10'000));
    const std::vector<std::string> before = all;
    const std::string bad = all[7'000];
    const auto fails = [&] {
        parallel::sort_by_key(all, [&](const std::string& each) {
            if (each == bad) throw std::runtime_error("bad");
            return each.back();
        });
    };
    EXPECT_THROW(pool.run(fails), std::runtime_error);
    EXPECT_TRUE(testing::same_elements(all, before));
}

}  // namespace
}  // namespace amphi
