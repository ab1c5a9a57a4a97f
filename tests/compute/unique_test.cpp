// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/unique.hpp>

#include "support/compute_pools.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class unique_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, unique_on, testing::pool_sizes());

// Few different numbers: much is left out. Many: nearly nothing, and blocks move over themselves.
TEST_P(unique_on, keeps_what_the_sequential_one_keeps) {
    for (const std::size_t size : sizes()) {
        for (const int limit : {1, 2, 10, 1'000'000}) {
            std::vector<int> all = numbers(size, limit);
            if (below(2) == 0) std::sort(all.begin(), all.end());
            std::vector<int> expected = all;
            expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
            pool.run([&] { all.erase(parallel::unique(all), all.end()); });
            EXPECT_EQ(all, expected);
        }
    }
}

TEST_P(unique_on, elements_that_only_move_and_the_first_of_equals) {
    for (const std::size_t size : sizes(20'000)) {
        const std::vector<int> keys = numbers(size, 2);
        std::vector<std::unique_ptr<int>> owners;
        for (const int each : keys)
            owners.push_back(std::make_unique<int>(each));
        std::vector<testing::wide> wides = testing::as_wide(keys);
        std::vector<testing::wide> expected = wides;
        const auto same_key = [](const auto& a, const auto& b) { return a.key == b.key; };
        expected.erase(std::unique(expected.begin(), expected.end(), same_key), expected.end());
        const auto same = [](const auto& a, const auto& b) { return *a == *b; };
        pool.run([&] {
            owners.erase(parallel::unique(owners.begin(), owners.end(), same), owners.end());
            wides.erase(parallel::unique(wides, same_key, parallel::grain(10)), wides.end());
        });
        EXPECT_TRUE(wides == expected);
        ASSERT_EQ(owners.size(), expected.size());
        for (std::size_t i = 0; i < owners.size(); ++i)
            ASSERT_EQ(*owners[i], expected[i].key);
    }
}

TEST_P(unique_on, nothing_has_moved_when_the_comparison_throws) {
    std::vector<std::string> all = testing::as_strings(numbers(5'000, 3));
    const std::vector<std::string> before = all;
    const auto fails = [&] {
        parallel::unique(all, [&](const std::string& a, const std::string& b) {
            if (&b == &all[4'000]) throw std::runtime_error("4000");
            return a == b;
        });
    };
    EXPECT_THROW(pool.run(fails), std::runtime_error);
    EXPECT_EQ(all, before);
}

}  // namespace
}  // namespace amphi
