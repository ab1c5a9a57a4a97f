// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/sleepers.hpp>

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

TEST(sleepers, all_sleep_at_first_and_the_first_is_woken_first) {
    sleepers all(3);
    EXPECT_EQ(all.count(), 3U);
    EXPECT_TRUE(all.want_wake());
    EXPECT_EQ(all.take_one(), 0U);
}

TEST(sleepers, nobody_is_woken_while_one_searches) {
    sleepers all(3);
    EXPECT_EQ(all.take_one(), 0U);
    EXPECT_FALSE(all.want_wake());
    EXPECT_FALSE(all.want_wake_after_push());
    EXPECT_EQ(all.take_one(), std::nullopt);
    EXPECT_TRUE(all.end_search());  // The last to search, and others sleep.
    EXPECT_TRUE(all.want_wake_after_push());
    EXPECT_EQ(all.take_one(), 1U);
}

TEST(sleepers, nobody_is_woken_when_nobody_sleeps) {
    sleepers all(1);
    EXPECT_EQ(all.take_one(), 0U);
    EXPECT_FALSE(all.end_search());
    EXPECT_FALSE(all.want_wake());
    EXPECT_EQ(all.take_one(), std::nullopt);
}

TEST(sleepers, who_fell_asleep_last_is_woken_first) {
    sleepers all(2);
    EXPECT_EQ(all.take_one(), 0U);
    (void)all.end_search();
    EXPECT_EQ(all.take_one(), 1U);
    all.begin_search();
    all.enter(0);
    all.enter(1);
    EXPECT_EQ(all.take_one(), 1U);
}

TEST(sleepers, one_may_be_taken_by_name_once) {
    sleepers all(2);
    EXPECT_TRUE(all.take(1));
    EXPECT_FALSE(all.take(1));
    EXPECT_FALSE(all.want_wake());  // It counts as searching.
    (void)all.end_search();
    EXPECT_EQ(all.take_one(), 0U);
}

TEST(sleepers, one_that_could_not_be_woken_is_the_last_to_be_tried_again) {
    sleepers all(2);
    EXPECT_EQ(all.take_one(), 0U);
    all.give_back(0);
    EXPECT_EQ(all.take_one(), 1U);
}

}  // namespace
}  // namespace amphi::detail
