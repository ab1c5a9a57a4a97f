// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/time/backoff.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <stdexcept>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;

TEST(backoff, doubles_within_bounds_and_by_chance) {
    const backoff pauses(250ms, 30s);
    for (unsigned failures = 0; failures < 40; ++failures) {
        const duration full = std::min<duration>(250ms * (1LL << std::min(failures, 20U)), 30s);
        EXPECT_EQ(pauses.pause(failures, 0), full / 2);
        for (const std::uint32_t random : {1U, 77U, 65536U, 4000000000U}) {
            EXPECT_GE(pauses.pause(failures, random), full / 2);
            EXPECT_LE(pauses.pause(failures, random), full);
        }
        EXPECT_EQ(pauses.pause(failures, 65536), full);
    }
    EXPECT_NE(pauses.pause(3, 1), pauses.pause(3, 2));
}

TEST(backoff, keeps_its_bounds_up_to_the_longest_time_there_is) {
    const backoff pauses(1ns, duration::max());
    for (const unsigned failures : {0U, 1U, 62U, 63U, 64U, 4000000000U}) {
        EXPECT_GE(pauses.pause(failures, 65536), duration(1));
        EXPECT_GE(pauses.pause(failures, 12345), pauses.pause(failures, 0));
    }
    EXPECT_EQ(pauses.pause(64, 65536), duration::max());
    EXPECT_EQ(backoff(0s, 0s).pause(5), 0s);
}

TEST(backoff, refuses_bounds_that_are_none) {
    EXPECT_THROW(backoff(-1ms, 1s), std::invalid_argument);
    EXPECT_THROW(backoff(2s, 1s), std::invalid_argument);
}

}  // namespace
