// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/blocks.hpp>

#include <cstddef>

#include <gtest/gtest.h>

namespace amphi {
namespace {

TEST(blocks, are_the_whole_and_differ_by_one_at_most) {
    for (const std::size_t threads : {1U, 2U, 7U}) {
        for (const std::size_t count : {0U, 1U, 2U, 15U, 16U, 17U, 1'000U, 12'345U}) {
            const detail::blocks cut(count, threads, parallel::grain(2));
            ASSERT_GE(cut.number(), 1U);
            EXPECT_EQ(cut.begin(0), 0U);
            EXPECT_EQ(cut.end(cut.number() - 1), count);
            for (std::size_t i = 0; i < cut.number(); ++i) {
                const std::size_t size = cut.end(i) - cut.begin(i);
                EXPECT_GE(size, count / cut.number());
                EXPECT_LE(size, count / cut.number() + 1);
            }
        }
    }
    EXPECT_EQ(detail::blocks(1'000, 1, parallel::grain()).number(), 1U);
}

}  // namespace
}  // namespace amphi
