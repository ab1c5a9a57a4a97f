// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/sleepers.hpp>

#include <cstddef>
#include <optional>

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

/// A worker's thread has been started, has found nothing, and sleeps.
void fall_asleep_for_the_first_time(sleepers& all, std::size_t worker) {
    ASSERT_EQ(all.take_one(), worker);
    all.begin_search();
    all.enter(worker);
}

TEST(sleepers, all_count_as_asleep_at_first_and_the_first_is_started_first) {
    sleepers all(3);
    EXPECT_EQ(all.count(), 3U);
    EXPECT_TRUE(all.want_wake());
    EXPECT_EQ(all.take_one(), 0U);
}

// Nobody relies on a thread that may never come.
TEST(sleepers, one_that_is_being_started_counts_as_nobody) {
    sleepers all(2);
    EXPECT_EQ(all.take_one(), 0U);
    EXPECT_TRUE(all.want_wake_after_push());
    EXPECT_EQ(all.take_one(), 1U);
    EXPECT_FALSE(all.want_wake_after_push());
    EXPECT_EQ(all.take_one(), std::nullopt);
    all.give_back(0);
    EXPECT_TRUE(all.want_wake_after_push());
    EXPECT_EQ(all.take_one(), 0U);
}

TEST(sleepers, nobody_is_woken_while_one_searches) {
    sleepers all(2);
    all.begin_search();
    EXPECT_FALSE(all.want_wake());
    EXPECT_FALSE(all.want_wake_after_push());
    EXPECT_EQ(all.take_one(), std::nullopt);
    EXPECT_TRUE(all.end_search());  // The last to search, and others sleep.
    EXPECT_TRUE(all.want_wake_after_push());
    EXPECT_EQ(all.take_one(), 0U);
}

TEST(sleepers, the_last_to_search_wakes_nobody_when_nobody_sleeps) {
    sleepers all(1);
    EXPECT_EQ(all.take_one(), 0U);
    all.begin_search();
    EXPECT_FALSE(all.end_search());
}

TEST(sleepers, one_that_is_woken_counts_as_searching) {
    sleepers all(2);
    fall_asleep_for_the_first_time(all, 0);
    EXPECT_EQ(all.take_one(), 0U);
    EXPECT_FALSE(all.want_wake());
}

TEST(sleepers, who_fell_asleep_last_is_woken_first_and_before_another_is_started) {
    sleepers all(3);
    EXPECT_EQ(all.take_one(), 0U);
    EXPECT_EQ(all.take_one(), 1U);
    for (const std::size_t worker : {0U, 1U}) {
        all.begin_search();
        all.enter(worker);
    }
    for (const std::size_t expected : {1U, 0U}) {
        EXPECT_EQ(all.take_one(), expected);
        (void)all.end_search();
    }
    EXPECT_EQ(all.take_one(), 2U);
}

TEST(sleepers, one_may_be_taken_by_its_number_once) {
    sleepers all(2);
    EXPECT_FALSE(all.take(0));  // It has no thread that could sleep.
    fall_asleep_for_the_first_time(all, 0);
    EXPECT_TRUE(all.take(0));
    EXPECT_FALSE(all.take(0));
    EXPECT_FALSE(all.want_wake());
}

}  // namespace
}  // namespace amphi::detail
