// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/reduce.hpp>

#include "support/compute_pools.hpp"

#include <cstddef>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class reduce_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, reduce_on, testing::pool_sizes());

TEST_P(reduce_on, sums_as_the_sequential_one) {
    for (const std::size_t size : sizes()) {
        const std::vector<int> all = numbers(size);
        EXPECT_EQ(
            pool.run([&] { return parallel::reduce(all, 7L); }),
            std::accumulate(all.begin(), all.end(), 7L)
        );
    }
}

// To put strings one behind the other is associative and not commutative.
TEST_P(reduce_on, keeps_the_order_of_the_elements) {
    for (const std::size_t size : sizes(20'000)) {
        std::vector<std::string> all;
        for (const int each : numbers(size))
            all.push_back(std::to_string(each));
        const std::string expected = std::accumulate(all.begin(), all.end(), std::string("<"));
        const auto joined = [&] {
            return parallel::reduce(all.begin(), all.end(), std::string("<"));
        };
        EXPECT_EQ(pool.run(joined), expected);
    }
}

TEST_P(reduce_on, transforms_before) {
    for (const std::size_t size : sizes(20'000)) {
        const std::vector<testing::wide> all = testing::as_wide(numbers(size));
        std::string expected = "<";
        for (const testing::wide& each : all)
            expected += std::to_string(each.key);
        const auto joined = [&] {
            return parallel::transform_reduce(
                all,
                std::string("<"),
                [](std::string a, const std::string& b) { return std::move(a) + b; },
                [](const testing::wide& each) { return std::to_string(each.key); }
            );
        };
        EXPECT_EQ(pool.run(joined), expected);
    }
}

TEST_P(reduce_on, values_that_only_move) {
    const std::vector<int> all = numbers(5'000);
    const auto sum = pool.run([&] {
        return parallel::transform_reduce(
            all,
            std::make_unique<long>(0),
            [](std::unique_ptr<long> a, std::unique_ptr<long> b) {
                *a += *b;
                return a;
            },
            [](int each) { return std::make_unique<long>(each); }
        );
    });
    EXPECT_EQ(*sum, std::accumulate(all.begin(), all.end(), 0L));
}

TEST_P(reduce_on, an_exception_comes_out) {
    const std::vector<int> all(2'000, 1);
    const auto fails = [&] {
        return parallel::transform_reduce(
            all,
            std::string(),
            [](std::string a, const std::string& b) { return a + b; },
            [&](const int& each) {
                if (&each == &all.back()) throw std::runtime_error("last");
                return std::string(40, 'x');
            }
        );
    };
    EXPECT_THROW((void)pool.run(fails), std::runtime_error);
}

}  // namespace
}  // namespace amphi
