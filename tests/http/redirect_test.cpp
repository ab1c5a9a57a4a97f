// SPDX-License-Identifier: BSL-1.0
#include <amphi/http/error.hpp>
#include <amphi/http/fetch.hpp>

#include "http/redirect.hpp"
#include "support/lives.hpp"
#include "support/raw_server.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace amphi::http {

namespace {

using namespace amphi::testing;
using ::testing::HasSubstr;
using ::testing::Not;

response_head redirect_to(const std::string& where, int status = 302) {
    return {status, "Location: " + where + "\r\n"};
}

TEST(redirect_target, may_not_leave_http_nor_become_insecure) {
    const url secure("https://a/b");
    for (const char* const where :
         {"http://a/b",
          "http://other/",
          "file:///etc/passwd",
          "ftp://a/",
          "gopher://a/",
          "HTTP://a/",
          "javascript:x",
          "https://",
          "https://a:b/"})
        EXPECT_THROW((void)detail::redirect_target(secure, redirect_to(where)), fetch_error)
            << where;
    EXPECT_EQ(detail::redirect_target(secure, redirect_to("https://c/")).host(), "c");
    EXPECT_EQ(detail::redirect_target(url("http://a/"), redirect_to("https://c/")).host(), "c");
}

TEST(redirect_target, that_is_refused_is_shown_without_secrets) {
    try {
        (void
        )detail::redirect_target(url("https://a/"), redirect_to("http://u:word@b/?token=word"));
        ADD_FAILURE();
    } catch (const fetch_error& error) {
        EXPECT_EQ(error.kind(), failure::redirect);
        EXPECT_THAT(error.what(), Not(HasSubstr("word")));
    }
}

TEST(is_redirect, asks_for_a_status_and_a_location) {
    for (const int status : {301, 302, 303, 307, 308})
        EXPECT_TRUE(detail::is_redirect(redirect_to("/x", status)));
    for (const int status : {200, 300, 304, 305, 306, 404})
        EXPECT_FALSE(detail::is_redirect(redirect_to("/x", status)));
    EXPECT_FALSE(detail::is_redirect(response_head(302, "")));
}

TEST(is_harmless_header, knows_no_name_that_may_carry_a_secret) {
    EXPECT_TRUE(detail::is_harmless_header("Accept: */*"));
    EXPECT_TRUE(detail::is_harmless_header("user-agent: x"));
    for (const char* const line :
         {"Authorization: x", "Cookie: x", "Proxy-Authorization: x", "X-Api-Key: x", "Accept-X: x"})
        EXPECT_FALSE(detail::is_harmless_header(line)) << line;
}

class redirects : public each_life {
public:
    response get(request what) {
        return run([](request r) -> task<response> { co_return co_await http::get(r); }, what);
    }
};
INSTANTIATE_TEST_SUITE_P(lives, redirects, all_lives(), name_of_life);

TEST_P(redirects, are_followed_one_request_a_hop) {
    raw_server server([](raw_connection& to, const std::string& head) {
        if (head.find("/a ") != std::string::npos)
            to.answer(301, "moved", "Location: b/c?d\r\n");
        else if (head.find("/b/c?d ") != std::string::npos)
            to.answer(307, "", "Location: /e\r\n");
        else
            to.answer(200, "here");
        return true;
    });
    const response answer = get(server.url("/a"));
    EXPECT_EQ(answer.body(), "here");
    EXPECT_EQ(answer.head().url(), server.url("/e"));
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST_P(redirects, that_go_round_in_circles_end) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(302, "", "Location: /again\r\n");
        return true;
    });
    try {
        get(server.url("/"));
        ADD_FAILURE();
    } catch (const fetch_error& error) {
        EXPECT_EQ(error.kind(), failure::redirect);
        EXPECT_THAT(error.what(), HasSubstr("more than 10 redirects"));
    }
    EXPECT_EQ(server.requests().size(), 11U);
}

TEST_P(redirects, are_answers_when_none_is_wanted) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(302, "body", "Location: /again\r\n");
        return true;
    });
    const response answer = get(request(server.url("/")).redirects_max(0));
    EXPECT_EQ(answer.status(), 302);
    EXPECT_EQ(answer.body(), "body");
}

TEST_P(redirects, with_a_long_body_are_not_read_to_its_end) {
    raw_server server([](raw_connection& to, const std::string& head) {
        if (head.find("/to ") != std::string::npos) {
            to.answer(200, "here");
            return true;
        }
        to.send("HTTP/1.1 302 x\r\nLocation: /to\r\nContent-Length: 1000000000\r\n\r\nbegin");
        to.wait_for_end();
        return false;
    });
    EXPECT_EQ(get(server.url("/")).body(), "here");
}

/// Scheme, host and port decide, hop by hop: what was dropped once does not come back.
TEST_P(redirects, take_secrets_only_to_their_own_origin) {
    std::string first;
    raw_server other([&](raw_connection& to, const std::string&) {
        to.answer(302, "", "Location: " + first + "/home\r\n");
        return true;
    });
    raw_server server([&](raw_connection& to, const std::string& head) {
        if (head.find("/home ") != std::string::npos)
            to.answer(200, "home");
        else if (head.find("/same ") != std::string::npos)
            to.answer(302, "", "Location: " + other.url("/") + "\r\n");
        else
            to.answer(302, "", "Location: /same\r\n");
        return true;
    });
    first = server.url("");
    request what("http://user:word@127.0.0.1:" + std::to_string(server.port()) + "/");
    what.header("X-Token: secret").header("Cookie: secret").header("Accept: text/x");
    what.unless_still("\"secret\"", "");
    EXPECT_EQ(get(what).body(), "home");

    const std::vector<std::string> here = server.requests();
    ASSERT_EQ(here.size(), 3U);
    for (const std::size_t hop : {0U, 1U}) {
        EXPECT_THAT(here[hop], HasSubstr("X-Token: secret"));
        EXPECT_THAT(here[hop], HasSubstr("Cookie: secret"));
        EXPECT_THAT(here[hop], HasSubstr("Authorization: Basic"));
        EXPECT_THAT(here[hop], HasSubstr("If-None-Match: \"secret\""));
    }
    ASSERT_EQ(other.requests().size(), 1U);
    for (const std::string& later : {other.requests()[0], here[2]}) {
        EXPECT_THAT(later, Not(HasSubstr("secret")));
        EXPECT_THAT(later, Not(HasSubstr("Authorization")));
        EXPECT_THAT(later, HasSubstr("Accept: text/x"));
    }
}

}  // namespace

}  // namespace amphi::http
