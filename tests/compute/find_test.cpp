// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/find.hpp>

#include "support/compute_pools.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class find_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, find_on, testing::pool_sizes());

TEST_P(find_on, finds_the_first_match) {
    for (const std::size_t size : sizes()) {
        for (const int limit : {2, 100, 100'000}) {
            const std::vector<int> all = numbers(size, limit);
            const auto is_one = [](int each) { return each == 1; };
            const auto found = [&] { return parallel::find_if(all, is_one); };
            EXPECT_EQ(pool.run(found), std::find_if(all.begin(), all.end(), is_one));
        }
    }
}

TEST_P(find_on, finds_any_match) {
    for (const std::size_t size : sizes()) {
        for (const int limit : {2, 100, 100'000}) {
            const std::vector<int> all = numbers(size, limit);
            const auto is_one = [](int each) { return each == 1; };
            const auto found =
                pool.run([&] { return parallel::find_any(all.begin(), all.end(), is_one); });
            if (std::find(all.begin(), all.end(), 1) == all.end())
                EXPECT_EQ(found, all.end());
            else
                EXPECT_EQ(*found, 1);
        }
    }
}

// The first element is a match: what is behind it is searched by blocks at most, one a part.
TEST_P(find_on, later_parts_are_given_up) {
    const std::vector<std::unique_ptr<int>> all(1'000'000);
    std::atomic<bool> first_seen{false};
    std::atomic<std::size_t> calls_after{0};
    const auto at = pool.run([&] {
        return parallel::find_if(all, [&](const std::unique_ptr<int>& each) {
            if (first_seen) ++calls_after;
            if (&each != &all.front()) return false;
            first_seen = true;
            return true;
        });
    });
    EXPECT_EQ(at, all.begin());
    EXPECT_LT(calls_after, 500'000U);
}

TEST_P(find_on, an_exception_comes_out) {
    const std::vector<int> all(1'000, 0);
    const auto fails = [&] {
        return parallel::find_if(all, [&](const int& each) -> bool {
            if (&each == &all[500]) throw std::runtime_error("500");
            return false;
        });
    };
    EXPECT_THROW((void)pool.run(fails), std::runtime_error);
}

}  // namespace
}  // namespace amphi
