// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/partition.hpp>

#include "support/compute_pools.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class partition_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, partition_on, testing::pool_sizes());

TEST_P(partition_on, parts_and_keeps_all_elements) {
    for (const std::size_t size : sizes()) {
        for (const int border : {0, 1, 50, 99, 100}) {
            std::vector<int> all = numbers(size, 100);
            std::vector<int> expected = all;
            const auto small = [border](int each) { return each < border; };
            const auto at = pool.run([&] { return parallel::partition(all, small); });
            EXPECT_EQ(at - all.begin(), std::count_if(all.begin(), all.end(), small));
            EXPECT_TRUE(std::all_of(all.begin(), at, small));
            EXPECT_TRUE(std::none_of(at, all.end(), small));
            std::sort(all.begin(), all.end());
            std::sort(expected.begin(), expected.end());
            EXPECT_EQ(all, expected);
        }
    }
}

TEST_P(partition_on, elements_of_any_kind) {
    std::vector<std::unique_ptr<int>> owners;
    for (const int each : numbers(3'000, 10))
        owners.push_back(std::make_unique<int>(each));
    std::vector<testing::wide> wides = testing::as_wide(numbers(3'000, 10));
    pool.run([&] {
        const auto at = parallel::partition(owners, [](const auto& each) { return *each < 5; });
        EXPECT_TRUE(std::all_of(owners.begin(), at, [](const auto& each) { return *each < 5; }));
        parallel::partition(wides.begin(), wides.end(), [](const auto& each) {
            return each.key < 5;
        });
    });
    EXPECT_TRUE(std::is_partitioned(wides.begin(), wides.end(), [](const auto& each) {
        return each.key < 5;
    }));
}

TEST_P(partition_on, all_elements_are_there_when_a_call_throws) {
    std::vector<std::string> all = testing::as_strings(numbers(20'000, 1'000));
    std::vector<std::string> expected = all;
    std::atomic<int> calls{0};
    const auto fails = [&] {
        parallel::partition(all, [&](const std::string& each) {
            if (++calls == 15'000) throw std::runtime_error("enough");
            return each.back() < '5';
        });
    };
    EXPECT_THROW(pool.run(fails), std::runtime_error);
    std::sort(all.begin(), all.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace amphi
