// SPDX-License-Identifier: BSL-1.0
#include <amphi/http/response.hpp>

#include <string>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace amphi::http {

namespace {

static_assert(!std::is_aggregate_v<response_head> && !std::is_aggregate_v<response>);

TEST(response_head, finds_fields_in_any_case) {
    const response_head head(200, "Content-Length: 12\r\nETag:\t \"x\" \r\nx-empty:\r\n");
    EXPECT_EQ(head.field("etag"), "\"x\"");
    EXPECT_EQ(head.field("ETAG"), "\"x\"");
    EXPECT_EQ(head.field("x-empty"), "");
    EXPECT_EQ(head.field("tag"), "");
    EXPECT_EQ(head.field("content"), "");
    EXPECT_EQ(head.content_length(), 12U);
}

TEST(response_head, has_no_length_that_is_not_a_number) {
    for (const char* const value : {"", "-1", "+5", "0x10", "1 2", "5,5", "99999999999999999999"})
        EXPECT_FALSE(
            response_head(200, "Content-Length: " + std::string(value) + "\r\n").content_length()
        ) << value;
    EXPECT_FALSE(response_head(200, "").content_length());
}

TEST(response, gives_its_body_away) {
    response r(response_head(200, ""), "abc");
    EXPECT_EQ(r.body(), "abc");
    EXPECT_EQ(r.status(), 200);
    EXPECT_EQ(std::move(r).body(), "abc");
}

}  // namespace

}  // namespace amphi::http
