// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/transform.hpp>

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

class transform_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, transform_on, testing::pool_sizes());

TEST_P(transform_on, writes_what_the_sequential_one_does) {
    for (const std::size_t size : sizes()) {
        const std::vector<int> from = numbers(size);
        std::vector<long> to(size);
        std::vector<long> expected(size);
        const auto f = [](int each) { return each * 3L; };
        std::transform(from.begin(), from.end(), expected.begin(), f);
        const auto end = pool.run([&] { return parallel::transform(from, to.begin(), f); });
        EXPECT_EQ(end, to.end());
        EXPECT_EQ(to, expected);
    }
}

TEST_P(transform_on, two_ranges_and_in_place) {
    for (const std::size_t size : sizes(10'000)) {
        std::vector<int> a = numbers(size);
        const std::vector<int> b = numbers(size);
        std::vector<int> expected(size);
        std::transform(a.begin(), a.end(), b.begin(), expected.begin(), std::minus<>());
        pool.run([&] {
            parallel::transform(a.begin(), a.end(), b.begin(), a.begin(), std::minus<>());
        });
        EXPECT_EQ(a, expected);
    }
}

TEST_P(transform_on, results_that_only_move) {
    const std::vector<std::string> names = testing::as_strings(numbers(2'000));
    std::vector<std::unique_ptr<std::string>> to(names.size());
    pool.run([&] {
        parallel::transform(names, to.begin(), [](const std::string& each) {
            return std::make_unique<std::string>(each);
        });
    });
    for (std::size_t i = 0; i < names.size(); ++i)
        ASSERT_EQ(*to[i], names[i]);
}

TEST_P(transform_on, an_exception_comes_out) {
    const std::vector<int> from(1'000, 1);
    std::vector<int> to(1'000);
    const auto fails = [&] {
        parallel::transform(from, to.begin(), [&](const int& each) {
            if (&each == &from[777]) throw std::out_of_range("777");
            return each;
        });
    };
    EXPECT_THROW(pool.run(fails), std::out_of_range);
}

}  // namespace
}  // namespace amphi
