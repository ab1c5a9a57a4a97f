// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/any_of.hpp>

#include "support/compute_pools.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class any_of_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, any_of_on, testing::pool_sizes());

TEST_P(any_of_on, says_what_the_sequential_ones_say) {
    for (const std::size_t size : sizes()) {
        for (const int limit : {1, 2, 1'000, 1'000'000}) {
            const std::vector<int> all = numbers(size, limit);
            const auto zero = [](int each) { return each == 0; };
            pool.run([&] {
                EXPECT_EQ(parallel::any_of(all, zero), std::any_of(all.begin(), all.end(), zero));
                EXPECT_EQ(parallel::none_of(all, zero), std::none_of(all.begin(), all.end(), zero));
                EXPECT_EQ(parallel::all_of(all, zero), std::all_of(all.begin(), all.end(), zero));
            });
        }
    }
}

TEST_P(any_of_on, iterators_and_strings) {
    const std::vector<std::string> all = testing::as_strings(numbers(500));
    const auto long_enough = [](const std::string& each) { return each.size() > 10; };
    pool.run([&] {
        EXPECT_TRUE(parallel::any_of(all.begin(), all.end(), long_enough));
        EXPECT_TRUE(parallel::all_of(all.begin(), all.end(), long_enough));
        EXPECT_FALSE(parallel::none_of(all.begin(), all.end(), long_enough));
    });
}

TEST_P(any_of_on, an_exception_comes_out) {
    const std::vector<int> all(1'000, 0);
    const auto fails = [&] {
        return parallel::all_of(all, [&](const int& each) -> bool {
            if (&each == &all[999]) throw std::runtime_error("999");
            return true;
        });
    };
    EXPECT_THROW((void)pool.run(fails), std::runtime_error);
}

}  // namespace
}  // namespace amphi
