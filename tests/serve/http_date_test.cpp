// SPDX-License-Identifier: BSL-1.0
#include "serve/http_date.hpp"

#include <ctime>
#include <string>

#include <gtest/gtest.h>

namespace amphi::serve {
namespace {

constexpr std::time_t example = 784111777;

TEST(http_date, is_written_as_the_standard_has_it) {
    EXPECT_EQ(http_date(example), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(http_date, is_read_back_as_it_was_written) {
    // Leap days, ends of years, and the second after 32 bits are full.
    for (const std::time_t when : {0L, 951827696L, 1709164800L, 1704067199L, 2147483648L})
        EXPECT_EQ(parse_http_date(http_date(when)), when) << when;
}

TEST(http_date, of_another_form_or_of_no_day_is_no_date) {
    for (const char* const text : {
             "",
             "Sunday, 06-Nov-94 08:49:37 GMT",
             "Sun Nov  6 08:49:37 1994",
             "Mon, 06 Nov 1994 08:49:37 GMT",
             "Sun, 06 Nov 1994 08:49:37 CET",
             "Sun, 06 nov 1994 08:49:37 GMT",
             "Sun, 6 Nov 1994 08:49:37 GMT ",
             "Sun, 31 Feb 1994 08:49:37 GMT",
             "Sun, 06 Nov 1994 24:49:37 GMT",
             "Sun, 06 Nov 1994 08:60:37 GMT",
             "Sun, 06 Nov 1994 08:49:-7 GMT",
         })
        EXPECT_FALSE(parse_http_date(text)) << text;
}

}  // namespace
}  // namespace amphi::serve
