// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/duration_histogram.hpp>

#include "support/seed.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(duration_histogram, has_buckets_without_a_gap_that_are_a_quarter_of_what_they_hold) {
    nanoseconds begin{0};
    for (std::size_t bucket = 0; bucket + 1 < duration_histogram::bucket_count; ++bucket) {
        const nanoseconds end = duration_histogram::end_of(bucket);
        ASSERT_GT(end, begin);
        EXPECT_EQ(duration_histogram::bucket_of(begin), bucket);
        EXPECT_EQ(duration_histogram::bucket_of(end - 1ns), bucket);
        EXPECT_LE(4 * (end - begin), std::max(begin, nanoseconds(4)));
        begin = end;
    }
    EXPECT_GT(begin, 15min);
}

TEST(duration_histogram, takes_any_duration) {
    EXPECT_EQ(duration_histogram::bucket_of(nanoseconds::min()), 0U);
    EXPECT_EQ(duration_histogram::bucket_of(-1ns), 0U);
    EXPECT_EQ(
        duration_histogram::bucket_of(nanoseconds::max()), duration_histogram::bucket_count - 1
    );
}

TEST(duration_histogram, says_the_quantiles_with_a_quarter_too_much_at_most) {
    duration_histogram some;
    EXPECT_EQ(some.quantile(0.5), 0ns);
    for (int i = 1; i <= 1000; ++i)
        some.add(std::chrono::microseconds(i));
    for (const double q : {0.001, 0.25, 0.5, 0.99, 1.0}) {
        const std::chrono::duration<double, std::micro> exact(q * 1000);
        EXPECT_GE(some.quantile(q), exact) << q;
        EXPECT_LE(some.quantile(q), 1.25 * exact) << q;
    }
    EXPECT_EQ(some.quantile(-1), some.quantile(0.001));
    EXPECT_EQ(some.quantile(2), some.quantile(1));
    EXPECT_EQ(some.quantile(std::nan("")), some.quantile(0));
}

TEST(duration_histogram, adds_up) {
    const testing::seeded run;
    std::mt19937_64 random(run.seed());
    duration_histogram both;
    std::array<duration_histogram, 2> parts;
    for (std::size_t i = 0; i < 1000; ++i) {
        const nanoseconds d(static_cast<std::int64_t>(random() >> (random() % 64)));
        both.add(d);
        parts.at(i % 2).add(d);
    }
    parts[0] += parts[1];
    EXPECT_EQ(parts[0].count(), 1000U);
    for (std::size_t bucket = 0; bucket < duration_histogram::bucket_count; ++bucket)
        EXPECT_EQ(parts[0].counts()[bucket], both.counts()[bucket]);
}

}  // namespace
}  // namespace amphi
