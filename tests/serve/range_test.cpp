// SPDX-License-Identifier: BSL-1.0
#include "serve/range.hpp"

#include <cstdint>
#include <limits>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

namespace amphi::serve {

std::ostream& operator<<(std::ostream& out, const range_request& shown);
std::ostream& operator<<(std::ostream& out, const range_request& shown) {
    switch (shown.what()) {
    case range_request::kind::whole:
        return out << "whole";
    case range_request::kind::unsatisfiable:
        return out << "unsatisfiable";
    case range_request::kind::part:
        break;
    }
    return out << shown.size() << " bytes from " << shown.first();
}

namespace {

const range_request whole = range_request::whole();
const range_request unsatisfiable = range_request::unsatisfiable();

range_request part(std::uint64_t first, std::uint64_t size) {
    return range_request::part(first, size);
}

TEST(range, of_first_and_last_position_includes_both) {
    EXPECT_EQ(parse_range("bytes=0-0", 100), part(0, 1));
    EXPECT_EQ(parse_range("bytes=0-99", 100), part(0, 100));
    EXPECT_EQ(parse_range("bytes=99-99", 100), part(99, 1));
    EXPECT_EQ(parse_range("BYTES= 10-19 ", 100), part(10, 10));
}

TEST(range, ends_with_the_file) {
    EXPECT_EQ(parse_range("bytes=40-", 100), part(40, 60));
    EXPECT_EQ(parse_range("bytes=40-1000", 100), part(40, 60));
    EXPECT_EQ(parse_range("bytes=0-", 1), part(0, 1));
}

TEST(range, of_a_length_counts_from_the_end) {
    EXPECT_EQ(parse_range("bytes=-1", 100), part(99, 1));
    EXPECT_EQ(parse_range("bytes=-100", 100), part(0, 100));
    EXPECT_EQ(parse_range("bytes=-1000", 100), part(0, 100));
    EXPECT_EQ(parse_range("bytes=-5", 0), whole);
}

TEST(range, beyond_the_file_cannot_be_satisfied) {
    EXPECT_EQ(parse_range("bytes=100-", 100), unsatisfiable);
    EXPECT_EQ(parse_range("bytes=100-200", 100), unsatisfiable);
    EXPECT_EQ(parse_range("bytes=-0", 100), unsatisfiable);
    EXPECT_EQ(parse_range("bytes=0-", 0), unsatisfiable);
    EXPECT_EQ(parse_range("bytes=0-0", 0), unsatisfiable);
}

// Sums of positions that wrapped around have given away memory of other servers.
TEST(range, with_numbers_beyond_any_type_does_not_wrap_around) {
    const std::string huge = "18446744073709551615";
    const std::string larger = "99999999999999999999999999999999";
    const std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(parse_range("bytes=0-" + huge, 100), part(0, 100));
    EXPECT_EQ(parse_range("bytes=1-" + larger, 100), part(1, 99));
    EXPECT_EQ(parse_range("bytes=-" + huge, 100), part(0, 100));
    EXPECT_EQ(parse_range("bytes=-" + larger, 100), part(0, 100));
    EXPECT_EQ(parse_range("bytes=" + huge + "-", 100), unsatisfiable);
    EXPECT_EQ(parse_range("bytes=" + larger + "-" + larger, 100), unsatisfiable);
    EXPECT_EQ(parse_range("bytes=0-" + huge, largest), part(0, largest));
}

TEST(range, that_is_malformed_is_left_out) {
    for (const char* const value : {
             "",
             "bytes",
             "bytes=",
             "bytes=-",
             "bytes=a-b",
             "bytes=5",
             "bytes=5-4",
             "bytes=--5",
             "bytes=+1-2",
             "bytes=1-+2",
             "bytes=1 -2",
             "bytes=0x1-2",
             "bytes 0-1",
             "octets=0-1",
             "bytes =0-1",
             "bytes=0-1-2",
             "=0-1",
             "bytes=1.0-2",
         })
        EXPECT_EQ(parse_range(value, 100), whole) << value;
}

TEST(range, of_several_parts_is_left_out) {
    EXPECT_EQ(parse_range("bytes=0-1,5-6", 100), whole);
    EXPECT_EQ(parse_range("bytes=0-,0-,0-,0-", 100), whole);
    EXPECT_EQ(parse_range("bytes=0-1,", 100), whole);
}

}  // namespace
}  // namespace amphi::serve
