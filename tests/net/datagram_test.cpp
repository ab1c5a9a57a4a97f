// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/datagram.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/task/sendable.hpp>

#include <gtest/gtest.h>

namespace amphi::net {
namespace {

using received = received_datagram<endpoint>;
static_assert(sendable<received>);

TEST(received_datagram, fits_or_is_cut_off) {
    const endpoint from = endpoint::loopback(7);
    const received fits(10, 10, from);
    EXPECT_EQ(fits.size(), 10U);
    EXPECT_FALSE(fits.truncated());
    EXPECT_EQ(fits.from(), from);
    const received cut(10, 11, from);
    EXPECT_EQ(cut.size(), 10U);
    EXPECT_EQ(cut.sent_size(), 11U);
    EXPECT_TRUE(cut.truncated());
}

TEST(received_datagram, is_empty_before_any_came) {
    const received none;
    EXPECT_EQ(none.size(), 0U);
    EXPECT_FALSE(none.truncated());
}

}  // namespace
}  // namespace amphi::net
