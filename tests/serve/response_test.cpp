// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>

#include "serve/http_date.hpp"
#include "serve/response.hpp"
#include "support/temp_folder.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace amphi::serve {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::time_t changed = 784111777;

/// A folder with one file of ten bytes that was changed long ago.
class response_test : public ::testing::Test {
public:
    response_test() {
        std::ofstream(temp_ / "a.txt") << "0123456789";
        const timespec times[2]{{changed, 0}, {changed, 0}};
        EXPECT_EQ(utimensat(AT_FDCWD, (temp_ / "a.txt").c_str(), times, 0), 0);
        tag_ = folder(temp_.path()).open("a.txt").etag();
        asked_.target = "/a.txt";
    }

    [[nodiscard]] response answered() const { return answer(asked_, folder(temp_.path())); }

    testing::temp_folder temp_;
    request asked_;
    std::string tag_;
    const std::string date_ = http_date(changed);
};

TEST_F(response_test, describes_the_file_and_refers_to_all_of_it) {
    const response sent = answered();
    EXPECT_THAT(sent.text(), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(sent.text(), HasSubstr("\r\nContent-Length: 10\r\n"));
    EXPECT_THAT(sent.text(), HasSubstr("\r\nContent-Type: text/plain"));
    EXPECT_THAT(sent.text(), HasSubstr("\r\nAccept-Ranges: bytes\r\n"));
    EXPECT_THAT(sent.text(), HasSubstr("\r\nETag: " + tag_ + "\r\n"));
    EXPECT_THAT(sent.text(), HasSubstr("\r\nLast-Modified: " + date_ + "\r\n"));
    EXPECT_THAT(sent.text(), HasSubstr("\r\nDate: "));
    EXPECT_THAT(sent.text(), HasSubstr("\r\nConnection: keep-alive\r\n"));
    EXPECT_EQ(sent.size(), 10U);
    EXPECT_TRUE(sent.keep_alive());
}

TEST_F(response_test, of_a_head_is_the_same_without_the_body) {
    const std::string of_get = answered().text();
    asked_.verb = request::method::head;
    const response sent = answered();
    EXPECT_EQ(sent.size(), 0U);
    EXPECT_THAT(sent.text(), HasSubstr("\r\nContent-Length: 10\r\n"));
    EXPECT_EQ(sent.text().size(), of_get.size());
}

TEST_F(response_test, refers_to_the_part_that_was_asked_for) {
    asked_.range = "bytes=2-4";
    const response sent = answered();
    EXPECT_THAT(sent.text(), StartsWith("HTTP/1.1 206 Partial Content\r\n"));
    EXPECT_THAT(sent.text(), HasSubstr("\r\nContent-Range: bytes 2-4/10\r\n"));
    EXPECT_THAT(sent.text(), HasSubstr("\r\nContent-Length: 3\r\n"));
    EXPECT_EQ(sent.first(), 2U);
    EXPECT_EQ(sent.size(), 3U);
}

TEST_F(response_test, tells_the_size_when_the_range_is_beyond_it) {
    asked_.range = "bytes=10-";
    const response sent = answered();
    EXPECT_THAT(sent.text(), StartsWith("HTTP/1.1 416 "));
    EXPECT_THAT(sent.text(), HasSubstr("\r\nContent-Range: bytes */10\r\n"));
    EXPECT_THAT(sent.text(), HasSubstr("\r\nContent-Length: 0\r\n"));
    EXPECT_EQ(sent.size(), 0U);
}

TEST_F(response_test, to_a_head_takes_no_notice_of_a_range) {
    asked_.verb = request::method::head;
    asked_.range = "bytes=2-4";
    EXPECT_THAT(answered().text(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(response_test, continues_the_file_that_the_client_knows_and_no_other) {
    asked_.range = "bytes=2-4";
    for (const std::string& same : {tag_, date_}) {
        asked_.if_range = same;
        EXPECT_THAT(answered().text(), StartsWith("HTTP/1.1 206 ")) << same;
    }
    for (const std::string& other :
         {std::string("\"other\""),
          "W/" + tag_,
          http_date(changed - 1),
          http_date(changed + 1),
          std::string("garbage")}) {
        asked_.if_range = other;
        EXPECT_THAT(answered().text(), StartsWith("HTTP/1.1 200 ")) << other;
        EXPECT_EQ(answered().size(), 10U) << other;
    }
}

TEST_F(response_test, does_not_trust_the_date_of_a_file_that_may_still_change_within_it) {
    const std::time_t soon = std::time(nullptr) + 100;
    const timespec times[2]{{soon, 0}, {soon, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, (temp_ / "a.txt").c_str(), times, 0), 0);
    const std::string date = http_date(soon);
    asked_.range = "bytes=2-4";
    asked_.if_range = date;
    EXPECT_THAT(answered().text(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(response_test, sends_nothing_that_the_client_has) {
    for (const std::string& list : {tag_, "W/" + tag_, "\"x\", " + tag_, std::string("*")}) {
        asked_.if_none_match = list;
        const response sent = answered();
        EXPECT_THAT(sent.text(), StartsWith("HTTP/1.1 304 ")) << list;
        EXPECT_THAT(sent.text(), HasSubstr("ETag: " + tag_)) << list;
        EXPECT_THAT(sent.text(), Not(HasSubstr("Content-Length"))) << list;
        EXPECT_EQ(sent.size(), 0U) << list;
    }
    asked_.if_none_match = {};
    asked_.if_modified_since = date_;
    EXPECT_THAT(answered().text(), StartsWith("HTTP/1.1 304 "));
}

TEST_F(response_test, sends_what_has_changed) {
    asked_.if_modified_since = date_;
    for (const char* const list : {"\"x\"", "\"", "x", "\"x\", \"y\""}) {
        asked_.if_none_match = list;  // Decides, whatever the date says.
        EXPECT_THAT(answered().text(), StartsWith("HTTP/1.1 200 ")) << list;
    }
    const std::string before = http_date(changed - 1);
    asked_.if_none_match = {};
    asked_.if_modified_since = before;
    EXPECT_THAT(answered().text(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(response_test, says_why_there_is_no_file) {
    std::filesystem::create_directory(temp_ / "sub");
    for (const char* const target : {"/nothing", "/", "/sub", "/sub/", "/a.txt/"}) {
        asked_.target = target;
        EXPECT_THAT(answered().text(), StartsWith("HTTP/1.1 404 Not Found\r\n")) << target;
        EXPECT_THAT(answered().text(), ::testing::EndsWith("\r\n\r\n404 Not Found\n")) << target;
    }
    asked_.target = "/../a.txt";
    EXPECT_THAT(answered().text(), StartsWith("HTTP/1.1 400 "));
    asked_.verb = request::method::head;
    EXPECT_THAT(answered().text(), ::testing::EndsWith("\r\n\r\n"));
}

TEST_F(response_test, without_a_descriptor_left_asks_to_come_again) {
    const folder files(temp_.path());
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const descriptor next_free(dup(STDIN_FILENO));
    rlimit full = before;
    full.rlim_cur = static_cast<rlim_t>(next_free.get()) + 1;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &full), 0);
    const response sent = answer(asked_, files);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_THAT(sent.text(), StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(sent.text(), HasSubstr("\r\nRetry-After: 1\r\n"));
}

TEST_F(response_test, that_refuses_ends_the_connection) {
    const response refused = refuse(status::method_not_allowed);
    EXPECT_FALSE(refused.keep_alive());
    EXPECT_THAT(refused.text(), HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_THAT(refused.text(), HasSubstr("\r\nAllow: GET, HEAD\r\n"));
}

}  // namespace
}  // namespace amphi::serve
