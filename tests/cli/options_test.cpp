// SPDX-License-Identifier: BSL-1.0
#include "cli/options.hpp"

#include <chrono>
#include <cstdint>

#include <gtest/gtest.h>

namespace amphi::cli {
namespace {

using namespace std::chrono_literals;

TEST(parse_duration, takes_a_number_and_its_unit) {
    EXPECT_EQ(parse_duration("20ms"), 20ms);
    EXPECT_EQ(parse_duration("0s"), 0ms);
    EXPECT_EQ(parse_duration("1.5s"), 1500ms);
    EXPECT_EQ(parse_duration("0.0004s"), 0ms);
    EXPECT_EQ(parse_duration("2m"), 2min);
    EXPECT_EQ(parse_duration("8784h"), 8784h);
}

TEST(parse_duration, takes_nothing_else) {
    for (const char* const text : {
             "",
             "20",
             "ms",
             "-1s",
             "+1s",
             "1 s",
             " 1s",
             "1s ",
             "1S",
             "1sec",
             "1d",
             "nans",
             "infs",
             "1e3s",
             "0x1s",
             "1,5s",
             "9999h",
             "99999999999999999999h",
         })
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(parse_bytes, takes_a_number_and_its_unit) {
    EXPECT_EQ(parse_bytes("0"), 0U);
    EXPECT_EQ(parse_bytes("500B"), 500U);
    EXPECT_EQ(parse_bytes("1.5KB"), 1500U);
    EXPECT_EQ(parse_bytes("2Mi"), 2U << 20);
    EXPECT_EQ(parse_bytes("3GiB"), std::uint64_t{3} << 30);
    EXPECT_EQ(parse_bytes("1T"), 1'000'000'000'000U);
    for (const char* const text : {"", "B", "-1", "1 K", "1kk", "1KBB", "nan", "inf", "9999999T"})
        EXPECT_FALSE(parse_bytes(text)) << text;
}

TEST(parse_rate, takes_a_number_and_its_unit) {
    EXPECT_EQ(parse_rate("10"), 10);
    EXPECT_EQ(parse_rate("0.5/s"), 0.5);
    EXPECT_EQ(parse_rate("30/m"), 0.5);
    EXPECT_EQ(parse_rate("3600/h"), 1);
    for (const char* const text : {"", "/s", "0", "-1/s", "1/d", "1/s ", "nan", "1e9", "0.01/h"})
        EXPECT_FALSE(parse_rate(text)) << text;
}

}  // namespace
}  // namespace amphi::cli
