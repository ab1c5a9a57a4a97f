// SPDX-License-Identifier: BSL-1.0
#include <amphi/http/request.hpp>

#include <stdexcept>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

namespace amphi::http {

namespace {

static_assert(!std::is_aggregate_v<request>);
static_assert(sendable<request>);

TEST(request, keeps_its_header_lines) {
    request what("http://a/");
    what.header("X-One: 1").header("Authorization: Bearer x");
    EXPECT_EQ(what.headers().size(), 2U);
}

TEST(request, refuses_header_lines_that_would_be_something_else_too) {
    for (const char* const line :
         {"",
          "no colon",
          ": no name",
          "two words: x",
          "X: a\r\nEvil: b",
          "X: a\nEvil: b",
          "X\r: a",
          "X: a\x7f",
          "X: a\x01"}) {
        request what("http://a/");
        EXPECT_THROW(what.header(line), std::invalid_argument) << line;
        EXPECT_TRUE(what.headers().empty());
    }
    EXPECT_THROW(request("http://a/").header(std::string("X: a\0b", 6)), std::invalid_argument);
}

TEST(request, names_what_is_known_in_one_line) {
    request what("http://a/");
    what.unless_still("\"1\"", "");
    EXPECT_EQ(what.known_etag(), "\"1\"");
    EXPECT_THROW(what.unless_still("\"1\"\r\nEvil: b", ""), std::invalid_argument);
    EXPECT_THROW(what.unless_still("", "Sun\n"), std::invalid_argument);
}

TEST(request, knows_the_addresses_it_was_given) {
    request what("http://a/");
    EXPECT_EQ(what.addresses_for("a", 80), "");
    what.resolve_to("a", 80, "127.0.0.1")
        .resolve_to("a", 80, "::1")
        .resolve_to("b", 80, "10.0.0.1");
    EXPECT_EQ(what.addresses_for("a", 80), "127.0.0.1,[::1]");
    EXPECT_EQ(what.addresses_for("a", 81), "");
    EXPECT_THROW(what.resolve_to("a", 80, "a"), std::invalid_argument);
    EXPECT_THROW(what.resolve_to("a", 80, "127.0.0.1,x"), std::invalid_argument);
    EXPECT_FALSE(what.proxy());
}

TEST(request, does_not_repeat_a_refused_secret) {
    try {
        request("http://a/").header("Authorization: secret\r\n");
        ADD_FAILURE();
    } catch (const std::invalid_argument& error) {
        EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
    }
}

}  // namespace

}  // namespace amphi::http
