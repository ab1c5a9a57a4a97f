// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/merge.hpp>

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

class merge_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, merge_on, testing::pool_sizes());

// Their places tell where equal elements came from.
TEST_P(merge_on, merges_as_the_sequential_one) {
    for (const std::size_t size : sizes(40'000)) {
        for (const int limit : {5, 1'000'000}) {
            std::vector<testing::wide> a = testing::as_wide(numbers(size, limit));
            std::vector<testing::wide> b = testing::as_wide(numbers(below(size + 1), limit));
            for (testing::wide& each : b)
                each.place += 1'000'000;
            testing::sort_by_place(a, std::less<>());
            testing::sort_by_place(b, std::less<>());
            if (below(2) == 0) a.swap(b);
            std::vector<testing::wide> expected(a.size() + b.size());
            std::vector<testing::wide> to(expected.size());
            std::merge(a.begin(), a.end(), b.begin(), b.end(), expected.begin());
            const auto merged = [&] { return parallel::merge(a, b, to.begin()); };
            EXPECT_EQ(pool.run(merged), to.end());
            EXPECT_TRUE(to == expected);
        }
    }
}

TEST_P(merge_on, strings_by_an_order_of_ones_own) {
    std::vector<std::string> a = testing::as_strings(numbers(8'000));
    std::vector<std::string> b = testing::as_strings(numbers(3'000));
    const auto greater = std::greater<>();
    std::sort(a.begin(), a.end(), greater);
    std::sort(b.begin(), b.end(), greater);
    std::vector<std::string> expected(a.size() + b.size());
    std::vector<std::string> to(expected.size());
    std::merge(a.begin(), a.end(), b.begin(), b.end(), expected.begin(), greater);
    pool.run([&] { parallel::merge(a.begin(), a.end(), b.begin(), b.end(), to.begin(), greater); });
    EXPECT_EQ(to, expected);
}

TEST_P(merge_on, an_exception_comes_out) {
    std::vector<int> a = numbers(10'000);
    std::vector<int> b = numbers(10'000);
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    std::vector<int> to(20'000);
    std::atomic<int> comparisons{0};
    const auto fails = [&] {
        parallel::merge(a, b, to.begin(), [&](int x, int y) {
            if (++comparisons == 5'000) throw std::runtime_error("enough");
            return x < y;
        });
    };
    EXPECT_THROW(pool.run(fails), std::runtime_error);
}

}  // namespace
}  // namespace amphi
