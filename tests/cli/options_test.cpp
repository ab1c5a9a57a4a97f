// SPDX-License-Identifier: BSL-1.0
#include "cli/options.hpp"

#include <chrono>

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

}  // namespace
}  // namespace amphi::cli
