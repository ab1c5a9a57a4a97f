// SPDX-License-Identifier: BSL-1.0
#include <amphi/sync/ring_buffer.hpp>

#include <memory>

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

TEST(ring_buffer, keeps_the_order_while_it_grows_and_wraps_around) {
    ring_buffer<std::unique_ptr<int>> items;
    int in = 0;
    int out = 0;
    for (int round = 0; round < 40; ++round) {
        for (int i = 0; i < 3; ++i) {
            items.make_room();
            items.push_back(std::make_unique<int>(in++));
        }
        for (int i = 0; i < 2; ++i)
            EXPECT_EQ(*items.pop_front(), out++);
    }
    EXPECT_EQ(items.size(), 40U);
    ring_buffer<std::unique_ptr<int>> other;
    items.swap(other);
    EXPECT_TRUE(items.empty());
    while (!other.empty())
        EXPECT_EQ(*other.pop_front(), out++);
    EXPECT_EQ(out, in);
}

}  // namespace
}  // namespace amphi::detail
