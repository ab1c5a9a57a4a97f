// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/min_max.hpp>

#include "support/compute_pools.hpp"

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

class min_max_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, min_max_on, testing::pool_sizes());

// Many equal numbers: the right one of them must come out.
TEST_P(min_max_on, find_what_the_sequential_ones_find) {
    for (const std::size_t size : sizes()) {
        for (const int limit : {3, 1'000'000}) {
            const std::vector<int> all = numbers(size, limit);
            pool.run([&] {
                EXPECT_EQ(parallel::min_element(all), std::min_element(all.begin(), all.end()));
                EXPECT_EQ(parallel::max_element(all), std::max_element(all.begin(), all.end()));
                EXPECT_EQ(
                    parallel::minmax_element(all), std::minmax_element(all.begin(), all.end())
                );
            });
        }
    }
}

TEST_P(min_max_on, by_an_order_of_ones_own) {
    const std::vector<std::string> all = testing::as_strings(numbers(4'000, 100));
    const auto greater = std::greater<>();
    pool.run([&] {
        const auto first = all.begin();
        const auto last = all.end();
        EXPECT_EQ(
            parallel::min_element(first, last, greater), std::min_element(first, last, greater)
        );
        EXPECT_EQ(
            parallel::max_element(first, last, greater), std::max_element(first, last, greater)
        );
        EXPECT_EQ(
            parallel::minmax_element(all, greater, parallel::grain(50)),
            std::minmax_element(first, last, greater)
        );
    });
}

TEST_P(min_max_on, elements_that_only_move) {
    std::vector<std::unique_ptr<int>> all;
    for (const int each : numbers(1'000, 10))
        all.push_back(std::make_unique<int>(each));
    const auto less = [](const auto& a, const auto& b) { return *a < *b; };
    const auto found = [&] { return parallel::min_element(all, less); };
    EXPECT_EQ(pool.run(found), std::min_element(all.begin(), all.end(), less));
}

TEST_P(min_max_on, an_exception_comes_out) {
    const std::vector<int> all = numbers(1'000);
    const auto fails = [&] {
        return parallel::max_element(all, [&](const int& a, const int& b) {
            if (&a == &all[600] || &b == &all[600]) throw std::runtime_error("600");
            return a < b;
        });
    };
    EXPECT_THROW((void)pool.run(fails), std::runtime_error);
}

}  // namespace
}  // namespace amphi
