// SPDX-License-Identifier: BSL-1.0
#include "fetch/cookie_file.hpp"
#include "fetch/netrc.hpp"
#include "fetch/secrets.hpp"
#include "support/temp_folder.hpp"

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace amphi::fetch {

namespace {

using namespace amphi::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> lines_for(const secrets& all, const std::string& url) {
    http::request what(url);
    all.add_to(what, http::url(url));
    return what.headers();
}

TEST(netrc, names_machines_and_their_logins) {
    const auto all =
        parse_netrc("# a remark\nmachine A.org login me password w#rd\n"
                    "machine b.org\n  account x\n  password \"two \\\"words\\\"\"\n  login \"\"\n"
                    "macdef init\n machine evil.org\n\ndefault login any password thing\n");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].machine, "a.org");
    EXPECT_EQ(all[0].login, "me");
    EXPECT_EQ(all[0].password, "w#rd");
    EXPECT_EQ(all[1].password, "two \"words\"");
    EXPECT_EQ(all[1].login, "");
    const auto windows = parse_netrc("macdef init\r\n machine evil.org\r\n\r\n"
                                     "machine a.org login me password #word # remark\r\n");
    ASSERT_EQ(windows.size(), 1U);
    EXPECT_EQ(windows[0].machine, "a.org");
    EXPECT_EQ(windows[0].password, "#word");
    EXPECT_TRUE(parse_netrc("").empty());
    for (const char* const bad :
         {"machine", "machine a login", "login me", "machine a \"x", "hello"})
        EXPECT_THROW((void)parse_netrc(bad), std::invalid_argument) << bad;
}

std::string cookies_at(const std::string& file, const std::string& url) {
    return cookie_file(file).value_for(http::url(url), std::chrono::system_clock::now());
}

TEST(cookie_file, sends_a_cookie_where_it_belongs) {
    const std::string file = "# Netscape HTTP Cookie File\r\n"
                             "\n"
                             ".a.org\tTRUE\t/\tFALSE\t0\tall\t1\r\n"
                             "a.org\tFALSE\t/in\tFALSE\t99999999999\tin\t2\n"
                             "#HttpOnly_a.org\tFALSE\t/\tTRUE\t0\tsafe\t3\n"
                             "a.org\tFALSE\t/\tFALSE\t1\told\t4\n"
                             "127.0.0.1\tTRUE\t/\tFALSE\t0\tip\t";
    EXPECT_EQ(cookies_at(file, "http://a.org/"), "all=1");
    EXPECT_EQ(cookies_at(file, "http://A.org/in/x"), "in=2; all=1");
    EXPECT_EQ(cookies_at(file, "http://a.org/in"), "in=2; all=1");
    EXPECT_EQ(cookies_at(file, "http://a.org/inner"), "all=1");
    EXPECT_EQ(cookies_at(file, "https://a.org/"), "all=1; safe=3");
    EXPECT_EQ(cookies_at(file, "http://sub.a.org/in/x"), "all=1");
    EXPECT_EQ(cookies_at(file, "http://evila.org/"), "");
    EXPECT_EQ(cookies_at(file, "http://org/"), "");
    EXPECT_EQ(cookies_at(file, "http://127.0.0.1/"), "ip=");
    EXPECT_EQ(cookies_at(file, "http://7.127.0.0.1.org/"), "");
    for (const char* const bad :
         {"a.org\tTRUE\t/\tFALSE\t0\tname",
          "a.org\tTRUE\t/\tFALSE\tnever\tname\tvalue",
          "\tTRUE\t/\tFALSE\t0\tname\tvalue",
          "a.org\tTRUE\t/\tFALSE\t0\tname\tva\x01lue"})
        EXPECT_THROW(cookie_file{bad}, std::invalid_argument) << bad;
}

TEST(secrets, are_for_their_host_alone) {
    secrets all;
    all.add_bearer("Api.org", "word");
    all.add_bearer("api.org:8080", "other");
    all.add_basic("[::1]:81", "user:pass");
    all.add_netrc("machine n.org login me password pw");
    EXPECT_THAT(lines_for(all, "https://api.org/x"), ElementsAre("Authorization: Bearer word"));
    EXPECT_THAT(lines_for(all, "http://api.org:8080/"), ElementsAre("Authorization: Bearer other"));
    EXPECT_THAT(
        lines_for(all, "http://[::1]:81/"), ElementsAre("Authorization: Basic dXNlcjpwYXNz")
    );
    EXPECT_THAT(lines_for(all, "http://n.org:99/"), ElementsAre("Authorization: Basic bWU6cHc="));
    for (const char* const url :
         {"https://api.org:444/",
          "https://api.org:80/",
          "https://x.api.org/",
          "https://api.org.x/",
          "http://other/",
          "http://[::1]/",
          "https://mine@api.org/"})
        EXPECT_TRUE(lines_for(all, url).empty()) << url;
    http::request what("https://api.org/");
    what.header("authorization: mine");
    all.add_to(what, http::url("https://api.org/"));
    EXPECT_EQ(what.headers().size(), 1U);
    all.add_cookies("api.org\tFALSE\t/\tFALSE\t0\tname\t1\n");
    all.add_to(what, http::url("https://api.org/"));
    EXPECT_EQ(what.headers().size(), 2U);
    all.add_to(what, http::url("https://api.org/"));
    EXPECT_EQ(what.headers().size(), 2U) << "a request has one Cookie line";
    for (const char* const bad : {"", "a/b", "a:b", "a:0", "u@a", ":80", "a:99999"})
        EXPECT_THROW(all.add_bearer(bad, "word"), std::invalid_argument) << bad;
    EXPECT_THROW(all.add_basic("a", "word"), std::invalid_argument);
    EXPECT_THROW(all.add_bearer("a", "wo\nrd"), std::invalid_argument);
}

TEST(secrets, are_read_from_elsewhere) {
    const temp_folder temp;
    const std::string file = (temp / "word").string();
    std::ofstream(file) << "word\r\nmore\n";
    EXPECT_EQ(read_secret("file:" + file), "word");
    std::ofstream(file) << "\n";
    EXPECT_THROW((void)read_secret("file:" + file), std::invalid_argument);
    EXPECT_THROW((void)read_secret("file:" + file + ".none"), std::invalid_argument);
    EXPECT_THROW((void)read_secret("env:AMPHI_NO_SUCH_NAME"), std::invalid_argument);
    try {
        (void)read_secret("word");
        ADD_FAILURE();
    } catch (const std::invalid_argument& error) {
        EXPECT_THAT(error.what(), Not(HasSubstr("word")));
    }
}

}  // namespace

}  // namespace amphi::fetch
