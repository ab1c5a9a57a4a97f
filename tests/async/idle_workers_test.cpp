// SPDX-License-Identifier: BSL-1.0
#include "async/idle_workers.hpp"

#include <optional>

#include <gtest/gtest.h>

namespace {

using amphi::detail::idle_workers;

TEST(idle_workers, wakes_one_and_no_second_while_that_one_searches) {
    idle_workers idle(3);
    EXPECT_EQ(idle.worker_to_wake(), 0U);
    EXPECT_EQ(idle.worker_to_wake(), std::nullopt);
    EXPECT_TRUE(idle.end_search()) << "the last to search: it wakes the next";
    EXPECT_EQ(idle.worker_to_wake(), 1U);
}

TEST(idle_workers, wakes_nobody_when_all_are_awake) {
    idle_workers idle(1);
    EXPECT_EQ(idle.worker_to_wake(), 0U);
    EXPECT_TRUE(idle.end_search());
    EXPECT_EQ(idle.worker_to_wake(), std::nullopt);
}

TEST(idle_workers, lets_half_of_the_workers_search) {
    idle_workers idle(4);
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(idle.worker_to_wake());
        ASSERT_TRUE(idle.end_search());
    }
    EXPECT_TRUE(idle.begin_search());
    EXPECT_TRUE(idle.begin_search());
    EXPECT_FALSE(idle.begin_search());
    EXPECT_FALSE(idle.end_search());
    EXPECT_TRUE(idle.end_search());
}

TEST(idle_workers, makes_the_last_searcher_look_again_when_it_goes_to_sleep) {
    idle_workers idle(4);
    const auto first = idle.worker_to_wake();
    ASSERT_TRUE(idle.begin_search());
    EXPECT_FALSE(idle.go_to_sleep(*first, true));
    EXPECT_TRUE(idle.go_to_sleep(3, true));
    EXPECT_EQ(idle.worker_to_wake(), 3U) << "who slept last is warmest";
}

TEST(idle_workers, tells_who_was_woken_from_who_woke_by_itself) {
    idle_workers idle(2);
    EXPECT_FALSE(idle.woke_up(0)) << "by a timer: awake, and not searching";
    EXPECT_EQ(idle.worker_to_wake(), 1U);
    EXPECT_TRUE(idle.woke_up(1));
    EXPECT_EQ(idle.worker_to_wake(), std::nullopt);
}

TEST(idle_workers, takes_back_who_could_not_be_woken) {
    idle_workers idle(2);
    const auto failed = idle.worker_to_wake();
    ASSERT_EQ(failed, 0U);
    idle.give_back(*failed);
    EXPECT_EQ(idle.worker_to_wake(), 1U) << "not the same again at once";
    EXPECT_TRUE(idle.end_search());
    EXPECT_EQ(idle.worker_to_wake(), 0U);
}

}  // namespace
