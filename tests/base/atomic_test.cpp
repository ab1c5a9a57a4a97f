// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/atomic.hpp>

#include <cstdint>

#include <gtest/gtest.h>

namespace {

// The kernel compares the words of futexes, and blocks and queues count on the size of the others.
TEST(atomic, is_lock_free_and_as_large_as_its_value) {
    EXPECT_TRUE(amphi::detail::atomic<std::uint64_t>::is_always_lock_free);
    EXPECT_EQ(sizeof(amphi::detail::atomic<std::uint32_t>), sizeof(std::uint32_t));
    EXPECT_EQ(sizeof(amphi::detail::atomic<void*>), sizeof(void*));
}

}  // namespace
