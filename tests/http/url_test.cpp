// SPDX-License-Identifier: BSL-1.0
#include <amphi/http/error.hpp>
#include <amphi/http/url.hpp>

#include <clocale>
#include <string>

#include <gtest/gtest.h>

namespace amphi::http {

namespace {

failure kind_of(const std::string& text) {
    try {
        const url parsed(text);
    } catch (const fetch_error& error) {
        return error.kind();
    }
    ADD_FAILURE() << text << " was taken for a URL";
    return failure::local;
}

TEST(url, is_taken_apart) {
    const url parsed("HTTPS://Example.ORG:8443/a/b%20c?x=1#y");
    EXPECT_EQ(parsed.scheme(), "https");
    EXPECT_EQ(parsed.host(), "example.org");
    EXPECT_EQ(parsed.port(), 8443);
    EXPECT_EQ(parsed.path(), "/a/b%20c");
    EXPECT_TRUE(parsed.is_secure());
    EXPECT_FALSE(parsed.has_address());
}

TEST(url, without_a_port_has_its_schemes) {
    EXPECT_EQ(url("http://a/").port(), 80);
    EXPECT_EQ(url("https://a/").port(), 443);
}

TEST(url, knows_when_its_host_is_an_address) {
    EXPECT_TRUE(url("http://127.0.0.1/").has_address());
    EXPECT_TRUE(url("http://[::1]:80/").has_address());
    EXPECT_EQ(url("http://[::1]:80/").host(), "::1");
}

// What is plain takes a shorter way than what is not; both must come to the same. A fragment, which
// changes none of the parts, makes a URL take the other way.
TEST(url, is_read_alike_on_both_ways) {
    for (const char* const text :
         {"http://a/",
          "https://a.b-c.example/x/y.tar.gz",
          "http://127.0.0.1:8080/a//b/~c;d=e,f@g:h",
          "http://example.com:65535/(x)*!$&'+=",
          "http://a.example:443/_x-y/z.",
          "http://0a.b1/"}) {
        const url plain(text);
        const url parsed(std::string(text) + "#x");
        EXPECT_EQ(plain.scheme(), parsed.scheme()) << text;
        EXPECT_EQ(plain.host(), parsed.host()) << text;
        EXPECT_EQ(plain.path(), parsed.path()) << text;
        EXPECT_EQ(plain.port(), parsed.port()) << text;
        EXPECT_EQ(plain.has_address(), parsed.has_address()) << text;
    }
}

TEST(url, is_normalised) {
    EXPECT_EQ(url("http://127.1/").host(), "127.0.0.1");
    EXPECT_EQ(url("http://0x7f.1/").host(), "127.0.0.1");
    EXPECT_EQ(url("http://0177.0.0.1/").host(), "127.0.0.1");
    EXPECT_EQ(url("http://2130706433/").host(), "127.0.0.1");
    EXPECT_EQ(url("http://a/b/../c").path(), "/c");
    EXPECT_EQ(url("http://a/./c").path(), "/c");
    EXPECT_EQ(url("http://a/..").path(), "/");
    EXPECT_EQ(url("http://a").path(), "/");
    EXPECT_EQ(url("http://a:080/").port(), 80);
    EXPECT_EQ(url("http://user:word@a/").host(), "a");
    EXPECT_EQ(url("http://a:word@b/").host(), "b");
}

TEST(url, of_an_international_name_has_the_form_that_resolvers_know) {
    const std::string before = std::setlocale(LC_CTYPE, nullptr);
    ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr);
    EXPECT_EQ(url("http://b\u00fccher.example/").host(), "xn--bcher-kva.example");
    std::setlocale(LC_CTYPE, before.c_str());
}

TEST(url, refuses_what_is_none) {
    for (const char* const text :
         {"",
          "x",
          "/a/b",
          "hello world",
          "http://",
          "http:///x",
          "http://a b/",
          "http://a\tb/",
          "http://a:99999/",
          "http://[::1/",
          "http://a%2Fb/",
          "//host/x",
          "http://a/\x1b[0m",
          "http://a\\b@c/"})
        EXPECT_EQ(kind_of(text), failure::bad_url) << text;
}

TEST(url, refuses_every_scheme_but_http_and_https) {
    for (const char* const text :
         {"file:///etc/passwd", "ftp://a/b", "gopher://a/1", "scp://a/b", "javascript://a"})
        EXPECT_EQ(kind_of(text), failure::bad_url) << text;
    try {
        const url none("file:///etc/passwd");
        FAIL() << none.text();
    } catch (const fetch_error& error) {
        EXPECT_EQ(error.cause(), "neither an http nor an https URL");
    }
}

TEST(url, tells_origins_apart_by_scheme_host_and_port) {
    const url here("http://a:8080/x");
    EXPECT_TRUE(here.same_origin(url("http://A:8080/y?z")));
    EXPECT_FALSE(here.same_origin(url("https://a:8080/x")));
    EXPECT_FALSE(here.same_origin(url("http://b:8080/x")));
    EXPECT_FALSE(here.same_origin(url("http://a:8081/x")));
    EXPECT_TRUE(url("http://a/").same_origin(url("http://a:80/")));
}

TEST(url, resolves_references) {
    const url base("http://a:81/b/c?d");
    EXPECT_EQ(base.resolve("e").text(), "http://a:81/b/e");
    EXPECT_EQ(base.resolve("/e?f").text(), "http://a:81/e?f");
    EXPECT_EQ(base.resolve("//g/h").text(), "http://g/h");
    EXPECT_EQ(base.resolve("https://i/j").text(), "https://i/j");
    EXPECT_EQ(base.resolve("../../../e").text(), "http://a:81/e");
}

TEST(url, keeps_its_user_only_for_its_own_origin) {
    const url base("http://user:word@a/b");
    EXPECT_EQ(base.resolve("/c").text(), "http://user:word@a/c");
    EXPECT_EQ(base.resolve("http://a/c").text(), "http://user:word@a/c");
    EXPECT_EQ(base.resolve("//b/c").text(), "http://b/c");
    EXPECT_EQ(base.resolve("http://a:81/c").text(), "http://a:81/c");
    EXPECT_EQ(base.resolve("https://a/c").text(), "https://a/c");
}

TEST(url, is_shown_without_its_secrets) {
    EXPECT_EQ(url("http://user:word@a/b").without_secrets(), "http://a/b");
    EXPECT_EQ(without_secrets("http://u@v@a/b"), "http://a/b");
    EXPECT_EQ(without_secrets("http://a/b@c"), "http://a/b@c");
    EXPECT_EQ(
        without_secrets("http://a/b?page=2&api_key=123&X-Amz-Signature=9#z"),
        "http://a/b?page=2&api_key=***&X-Amz-Signature=***"
    );
    EXPECT_EQ(url("http://a/b#access_token=word").without_secrets(), "http://a/b");
    EXPECT_EQ(
        without_secrets("http://a/?jwt=1&PHPSESSID=2&auth_code=3&sid=4;hmac=5&tok%65n=6&code="),
        "http://a/?jwt=***&PHPSESSID=***&auth_code=***&sid=***;hmac=***&tok%65n=***&code=***"
    );
    EXPECT_EQ(
        without_secrets("http://a/?encoding=1&side=2&token"), "http://a/?encoding=1&side=2&token"
    );
}

TEST(url, that_is_none_shows_no_password_either) {
    EXPECT_EQ(without_secrets("http://a:80/b:c@d"), "http://a:80/b:c@d");
    for (const char* const text :
         {"http://user:wo/rd@a/b",
          "http://user:wo#rd@a/b",
          "http://user:wo?rd@a/b",
          "http://user:wo@rd@a:x/b",
          "http:/user:word@a/b",
          "http:\\\\user:word@a/b",
          "http://user:wo\\rd@a/b",
          "http://user:wo rd@a/b",
          "user:word@a/b",
          R"({"url":"http://user:word@a/b","path")"}) {
        const std::string shown = without_secrets(text);
        EXPECT_EQ(shown.find("wo"), std::string::npos) << shown;
        EXPECT_EQ(shown.find("rd"), std::string::npos) << shown;
        EXPECT_NE(shown.find("a"), std::string::npos) << shown;
    }
}

TEST(url, that_is_refused_is_named_without_its_secrets) {
    try {
        const url parsed("ftp://user:word@a/b");
        ADD_FAILURE();
    } catch (const fetch_error& error) {
        EXPECT_EQ(std::string(error.what()).find("word"), std::string::npos) << error.what();
    }
}

}  // namespace

}  // namespace amphi::http
