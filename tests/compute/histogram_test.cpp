// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/histogram.hpp>
#include <amphi/compute/join.hpp>

#include "support/compute_pools.hpp"

#include <cstddef>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class histogram_on : public testing::each_pool {
protected:
    static std::vector<std::size_t> expected(const std::vector<int>& all, std::size_t bins) {
        std::vector<std::size_t> counts(bins);
        for (const int each : all)
            ++counts[static_cast<std::size_t>(each)];
        return counts;
    }
};
INSTANTIATE_TEST_SUITE_P(threads, histogram_on, testing::pool_sizes());

TEST_P(histogram_on, counts_as_a_loop) {
    for (const std::size_t size : sizes()) {
        for (const int bins : {1, 7, 100'000}) {
            const std::vector<int> all = numbers(size, bins);
            const auto number = static_cast<std::size_t>(bins);
            const auto itself = [](int each) { return each; };
            const auto counted = [&] { return parallel::histogram(all, number, itself); };
            EXPECT_EQ(pool.run(counted), expected(all, number));
        }
    }
}

TEST_P(histogram_on, its_function_may_fork) {
    const std::vector<int> all = numbers(5'000, 10);
    const auto counted = [&] {
        return parallel::histogram(all.begin(), all.end(), 10, [](int each) {
            return join([each] { return each; }, [] { return 0; }).first;
        });
    };
    EXPECT_EQ(pool.run(counted), expected(all, 10));
}

TEST_P(histogram_on, refuses_a_bin_that_is_not_there) {
    std::vector<int> all = numbers(5'000, 10);
    const auto counted = [&] { parallel::histogram(all, 10, [](int each) { return each; }); };
    for (const int wrong : {10, -1}) {
        all[3'000] = wrong;
        EXPECT_THROW(pool.run(counted), std::out_of_range);
    }
}

}  // namespace
}  // namespace amphi
