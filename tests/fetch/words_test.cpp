// SPDX-License-Identifier: BSL-1.0
#include "fetch/amounts.hpp"
#include "fetch/content_range.hpp"
#include "fetch/http_time.hpp"
#include "fetch/retry.hpp"

#include <chrono>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace amphi::fetch {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(in_bytes, uses_powers_of_a_thousand) {
    EXPECT_EQ(in_bytes(0), "0 B");
    EXPECT_EQ(in_bytes(999), "999 B");
    EXPECT_EQ(in_bytes(1000), "1.0 KB");
    EXPECT_EQ(in_bytes(9'949), "9.9 KB");
    EXPECT_EQ(in_bytes(9'951), "10 KB");
    EXPECT_EQ(in_bytes(999'600), "1.0 MB");
    EXPECT_EQ(in_bytes(UINT64_MAX), "18 EB");
}

TEST(in_time_units, names_what_a_person_counts_in) {
    EXPECT_EQ(in_time_units(milliseconds(0)), "0.00 s");
    EXPECT_EQ(in_time_units(milliseconds(1'234)), "1.23 s");
    EXPECT_EQ(in_time_units(seconds(59)), "59 s");
    EXPECT_EQ(in_time_units(seconds(200)), "3 min 20 s");
}

TEST(parse_content_range, reads_what_fits_together) {
    const auto range = parse_content_range("bytes 3-4/5");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->first, 3U);
    EXPECT_EQ(range->last, 4U);
    EXPECT_EQ(range->total, 5U);
    EXPECT_FALSE(parse_content_range("bytes 3-4/*")->total);
}

TEST(parse_content_range, refuses_all_else) {
    for (const char* const text :
         {"",
          "bytes",
          "bytes 3-4",
          "bytes 4-3/5",
          "bytes 3-5/5",
          "bytes -4/5",
          "bytes 3-/5",
          "bytes */5",
          "items 3-4/5",
          "bytes 3-4/5 ",
          "bytes +3-4/5",
          "bytes 3-4/x",
          "bytes 99999999999999999999-4/5",
          "bytes 0x3-4/5"})
        EXPECT_FALSE(parse_content_range(text)) << text;
}

http::response_head head_with(const std::string& fields) {
    return {200, fields};
}

TEST(strong_validator, trusts_only_what_names_each_byte) {
    EXPECT_EQ(strong_validator(head_with("ETag: \"x\"\r\n")), "\"x\"");
    EXPECT_EQ(strong_validator(head_with("ETag: W/\"x\"\r\n")), "");
    EXPECT_EQ(strong_validator(head_with("ETag: x\r\n")), "");
    const std::string changed = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    EXPECT_EQ(
        strong_validator(head_with(changed + "Date: Sun, 06 Nov 1994 08:50:37 GMT\r\n")),
        "Sun, 06 Nov 1994 08:49:37 GMT"
    );
    EXPECT_EQ(strong_validator(head_with(changed + "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n")), "");
    EXPECT_EQ(strong_validator(head_with(changed)), "");
    EXPECT_EQ(strong_validator(head_with("")), "");
}

TEST(parse_http_time, reads_the_one_form) {
    const auto time = parse_http_time("Sun, 06 Nov 1994 08:49:37 GMT");
    ASSERT_TRUE(time);
    EXPECT_EQ(std::chrono::system_clock::to_time_t(*time), 784111777);
    // What lies beyond the clock's ends is one of its ends.
    const auto far = parse_http_time("Fri, 31 Dec 9999 23:59:59 GMT");
    ASSERT_TRUE(far);
    EXPECT_GT(*far, *time);
    const auto early = parse_http_time("Sat, 01 Jan 0001 00:00:00 GMT");
    ASSERT_TRUE(early);
    EXPECT_LT(*early, *time);
    for (const char* const text : {"", "now", "Sunday, 06-Nov-94 08:49:37 GMT", "784111777"})
        EXPECT_FALSE(parse_http_time(text)) << text;
}

TEST(retry_after, is_a_number_or_a_date) {
    const auto now = *parse_http_time("Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(retry_after(head_with("Retry-After: 7\r\n"), now), seconds(7));
    EXPECT_EQ(
        retry_after(head_with("Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n"), now), seconds(30)
    );
    EXPECT_EQ(
        retry_after(head_with("Retry-After: Sun, 06 Nov 1994 08:00:00 GMT\r\n"), now), seconds(0)
    );
    EXPECT_GT(
        retry_after(head_with("Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n"), now),
        std::chrono::hours(24 * 365)
    );
    for (const char* const value : {"4294967296", "99999999999999999999999"})
        EXPECT_GT(
            retry_after(head_with("Retry-After: " + std::string(value) + "\r\n"), now),
            std::chrono::hours(24 * 365)
        );
    for (const char* const value : {"", "-1", "soon", "1.5", "99999999999x"})
        EXPECT_FALSE(retry_after(head_with("Retry-After: " + std::string(value) + "\r\n"), now));
}

TEST(is_temporary, knows_the_statuses_that_pass) {
    for (const int status : {408, 425, 429, 500, 502, 503, 504})
        EXPECT_TRUE(is_temporary(status));
    for (const int status : {200, 301, 400, 401, 403, 404, 410, 416, 501})
        EXPECT_FALSE(is_temporary(status));
}

}  // namespace

}  // namespace amphi::fetch
