// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/splitter.hpp>

#include "support/compute_pools.hpp"

#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class splitters : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, splitters, testing::pool_sizes());

TEST_P(splitters, parts_are_the_whole_without_overlap) {
    for (const std::size_t size : sizes()) {
        std::vector<std::atomic<int>> visits(size);
        std::atomic<std::size_t> parts{0};
        pool.run([&] {
            detail::for_parts(size, parallel::grain(), [&](std::size_t begin, std::size_t end) {
                ++parts;
                for (std::size_t i = begin; i < end; ++i)
                    ++visits[i];
            });
        });
        for (const auto& each : visits)
            ASSERT_EQ(each, 1);
        if (GetParam() == 1) {
            EXPECT_EQ(parts, 1U);
        }
    }
}

TEST_P(splitters, no_part_is_smaller_than_the_grain) {
    std::atomic<std::size_t> smallest{1'000'000};
    pool.run([&] {
        const auto part = [&](std::size_t begin, std::size_t end) {
            std::size_t known = smallest;
            while (end - begin < known && !smallest.compare_exchange_weak(known, end - begin)) {
            }
        };
        detail::for_parts(10'000, parallel::grain(1'000), part);
    });
    EXPECT_GE(smallest, 1'000U);
}

TEST_P(splitters, results_are_combined_in_order) {
    const std::vector<std::size_t> all = pool.run([] {
        using list = std::vector<std::size_t>;
        return detail::combine_parts(
            1'000,
            parallel::grain(),
            [](std::size_t begin, std::size_t end) {
                list part;
                for (std::size_t i = begin; i < end; ++i)
                    part.push_back(i);
                return part;
            },
            [](list left, const list& right) {
                left.insert(left.end(), right.begin(), right.end());
                return left;
            }
        );
    });
    ASSERT_EQ(all.size(), 1'000U);
    for (std::size_t i = 0; i < all.size(); ++i)
        ASSERT_EQ(all[i], i);
}

TEST_P(splitters, every_part_has_ended_when_one_has_thrown) {
    std::atomic<int> running{0};
    const auto fails = [&] {
        pool.run([&] {
            detail::for_parts(1'000, parallel::grain(), [&](std::size_t begin, std::size_t end) {
                ++running;
                const bool bad = begin <= 500 && 500 < end;
                --running;
                if (bad) throw std::runtime_error("bad");
            });
        });
    };
    EXPECT_THROW(fails(), std::runtime_error);
    EXPECT_EQ(running, 0);
}

TEST(splitter, halves_what_it_may_and_is_renewed_when_somebody_took_a_part) {
    detail::splitter splits(4, parallel::grain(1));
    EXPECT_TRUE(splits.split(100, false));  // 2 are left
    EXPECT_TRUE(splits.split(100, false));  // 1
    EXPECT_TRUE(splits.split(100, false));  // 0
    EXPECT_FALSE(splits.split(100, false));
    EXPECT_TRUE(splits.split(100, true));  // 4
    EXPECT_TRUE(splits.split(100, false));
    EXPECT_FALSE(splits.split(1, true));
    EXPECT_FALSE(splits.split(0, true));
}

TEST(splitter, outside_of_a_pool_the_shared_one_is_used) {
    std::atomic<std::size_t> sum{0};
    detail::for_parts(100, parallel::grain(), [&](std::size_t begin, std::size_t end) {
        sum += end - begin;
    });
    EXPECT_EQ(sum, 100U);
}

}  // namespace
}  // namespace amphi
