// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/count.hpp>

#include "support/compute_pools.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class count_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, count_on, testing::pool_sizes());

TEST_P(count_on, counts_what_the_sequential_one_does) {
    for (const std::size_t size : sizes()) {
        const std::vector<int> all = numbers(size, 10);
        const auto small = [](int each) { return each < 3; };
        pool.run([&] {
            EXPECT_EQ(parallel::count_if(all, small), std::count_if(all.begin(), all.end(), small));
            EXPECT_EQ(parallel::count(all, 5), std::count(all.begin(), all.end(), 5));
        });
    }
}

TEST_P(count_on, strings_by_iterators) {
    const std::vector<std::string> all = testing::as_strings(numbers(3'000, 5));
    const std::string wanted = all[17];
    const auto counted = [&] { return parallel::count(all.begin(), all.end(), wanted); };
    EXPECT_EQ(pool.run(counted), std::count(all.begin(), all.end(), wanted));
}

TEST_P(count_on, an_exception_comes_out) {
    const std::vector<int> all = numbers(1'000, 10);
    const auto fails = [&] {
        return parallel::count_if(all, [&](const int& each) {
            if (&each == &all[1]) throw std::runtime_error("one");
            return true;
        });
    };
    EXPECT_THROW((void)pool.run(fails), std::runtime_error);
}

}  // namespace
}  // namespace amphi
