// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>

#include <chrono>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using amphi::never;
using amphi::saturating_add;

class saturating_addition : public ::testing::Test {
protected:
    const amphi::time_point now = amphi::clock::now();
};

TEST_F(saturating_addition, adds_what_fits) {
    EXPECT_EQ(saturating_add(now, 5s), now + 5s);
    EXPECT_EQ(saturating_add(now, 24h * 365), now + 24h * 365);
}

TEST_F(saturating_addition, rounds_up_to_the_clock_so_that_nobody_wakes_early) {
    using tenths_of_a_nanosecond =
        std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000'000>>;
    EXPECT_EQ(saturating_add(now, tenths_of_a_nanosecond(11)), now + 2ns);
    EXPECT_EQ(saturating_add(now, std::chrono::duration<double>(1e-10)), now + 1ns);
}

TEST_F(saturating_addition, makes_nothing_of_zero_and_negative_durations) {
    EXPECT_EQ(saturating_add(now, 0s), now);
    EXPECT_EQ(saturating_add(now, -1s), now);
    EXPECT_EQ(saturating_add(now, std::chrono::hours::min()), now);
    EXPECT_EQ(saturating_add(now, amphi::duration::min()), now);
}

TEST_F(saturating_addition, makes_never_of_what_exceeds_the_clock) {
    EXPECT_EQ(saturating_add(now, amphi::duration::max()), never);
    EXPECT_EQ(saturating_add(now, std::chrono::seconds::max()), never);
    EXPECT_EQ(saturating_add(now, std::chrono::hours::max()), never);
    EXPECT_EQ(saturating_add(now, std::chrono::duration<double>::max()), never);
    EXPECT_EQ(
        saturating_add(now, std::chrono::duration<float>(std::numeric_limits<float>::infinity())),
        never
    );
    EXPECT_EQ(saturating_add(never, 1ns), never);
}

TEST_F(saturating_addition, works_on_unsigned_and_narrow_representations) {
    EXPECT_EQ(saturating_add(now, std::chrono::duration<std::uint8_t>(200)), now + 200s);
    EXPECT_EQ(saturating_add(now, std::chrono::duration<std::uint64_t>(~std::uint64_t{0})), never);
}

}  // namespace
