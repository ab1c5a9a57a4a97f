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

TEST(ring_buffer, gives_the_memory_of_a_backlog_back) {
    ring_buffer<int> items;
    const auto fill_and_empty = [&items](int count) {
        for (int i = 0; i < count; ++i) {
            items.make_room();
            items.push_back(int{i});
        }
        items.trim();
        EXPECT_EQ(items.size(), static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i)
            EXPECT_EQ(items.pop_front(), i);
        items.trim();
    };
    fill_and_empty(1000);
    EXPECT_EQ(items.capacity(), 1024U);  // A little is kept.
    fill_and_empty(100'000);
    EXPECT_EQ(items.capacity(), 0U);
    fill_and_empty(3);
}

}  // namespace
}  // namespace amphi::detail
