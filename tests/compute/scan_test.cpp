// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/scan.hpp>

#include "support/compute_pools.hpp"

#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class scan_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, scan_on, testing::pool_sizes());

TEST_P(scan_on, sums_as_the_sequential_ones) {
    for (const std::size_t size : sizes()) {
        const std::vector<int> all = numbers(size, 1'000);
        std::vector<int> expected(size);
        std::vector<int> to(size);
        std::inclusive_scan(all.begin(), all.end(), expected.begin());
        const auto inclusive = [&] { return parallel::inclusive_scan(all, to.begin()); };
        EXPECT_EQ(pool.run(inclusive), to.end());
        EXPECT_EQ(to, expected);
        std::vector<long> expected_longs(size);
        std::vector<long> longs(size);
        std::exclusive_scan(all.begin(), all.end(), expected_longs.begin(), 7L);
        const auto exclusive = [&] { return parallel::exclusive_scan(all, longs.begin(), 7L); };
        EXPECT_EQ(pool.run(exclusive), longs.end());
        EXPECT_EQ(longs, expected_longs);
    }
}

TEST_P(scan_on, in_place) {
    for (const std::size_t size : sizes(10'000)) {
        std::vector<int> all = numbers(size, 10);  // sums of sums fit
        std::vector<int> expected(size);
        std::inclusive_scan(all.begin(), all.end(), expected.begin());
        pool.run([&] { parallel::inclusive_scan(all.begin(), all.end(), all.begin()); });
        EXPECT_EQ(all, expected);
        std::exclusive_scan(all.begin(), all.end(), expected.begin(), 3);
        pool.run([&] { parallel::exclusive_scan(all.begin(), all.end(), all.begin(), 3); });
        EXPECT_EQ(all, expected);
    }
}

TEST_P(scan_on, an_operation_may_return_a_reference_to_what_it_was_given) {
    const auto larger = [](const std::string& a, const std::string& b) -> const std::string& {
        return a < b ? b : a;
    };
    for (const std::size_t size : sizes(5'000)) {
        const std::vector<std::string> all = testing::as_strings(numbers(size));
        std::vector<std::string> expected(size);
        std::vector<std::string> to(size);
        std::inclusive_scan(all.begin(), all.end(), expected.begin(), larger);
        pool.run([&] { parallel::inclusive_scan(all, to.begin(), larger); });
        EXPECT_EQ(to, expected);
    }
}

// The last letters of all before: associative, not commutative.
TEST_P(scan_on, keeps_the_order_of_the_elements) {
    const auto op = [](const std::string& a, const std::string& b) {
        const std::string both = a + b;
        return both.size() > 40 ? both.substr(both.size() - 40) : both;
    };
    for (const std::size_t size : sizes(5'000)) {
        const std::vector<std::string> all = testing::as_strings(numbers(size));
        std::vector<std::string> expected(size);
        std::vector<std::string> to(size);
        std::inclusive_scan(all.begin(), all.end(), expected.begin(), op);
        pool.run([&] { parallel::inclusive_scan(all, to.begin(), op); });
        EXPECT_EQ(to, expected);
        std::exclusive_scan(all.begin(), all.end(), expected.begin(), std::string("<"), op);
        pool.run([&] { parallel::exclusive_scan(all, to.begin(), std::string("<"), op); });
        EXPECT_EQ(to, expected);
    }
}

TEST_P(scan_on, an_exception_comes_out) {
    const std::vector<std::string> all = testing::as_strings(numbers(2'000, 10));
    std::vector<std::string> to(all.size());
    const auto fails = [&] {
        parallel::inclusive_scan(all, to.begin(), [&](const std::string& a, const std::string& b) {
            if (&b == &all[1'000]) throw std::runtime_error("1000");
            return a < b ? b : a;
        });
    };
    EXPECT_THROW(pool.run(fails), std::runtime_error);
}

}  // namespace
}  // namespace amphi
