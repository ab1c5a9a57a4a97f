// SPDX-License-Identifier: BSL-1.0
#include "serve/request.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace amphi::serve {
namespace {

using namespace std::string_literals;
using state = head_scan::state;

TEST(scan_head, finds_the_end_of_a_head_and_no_more) {
    const head_scan scan = scan_head("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /");
    EXPECT_EQ(scan.found, state::complete);
    EXPECT_EQ(scan.size, 27U);
}

TEST(scan_head, comes_to_the_same_result_however_the_bytes_arrive) {
    const std::string head = "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n";
    for (std::size_t first = 0; first < head.size(); ++first) {
        const std::string_view part = std::string_view(head).substr(0, first);
        EXPECT_EQ(scan_head(part).found, state::incomplete) << first;
        const head_scan scan = scan_head(head, first);
        EXPECT_EQ(scan.found, state::complete) << first;
        EXPECT_EQ(scan.size, head.size()) << first;
    }
}

TEST(scan_head, refuses_what_two_readers_could_take_for_two_things) {
    for (const std::string& head : {
             "GET / HTTP/1.1\nHost: x\n\n"s,            // line feeds alone
             "GET / HTTP/1.1\r\nHost: x\n\r\n"s,        // one of them
             "GET / HTTP/1.1\rHost: x\r\n\r\n"s,        // a carriage return alone
             "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n"s,   // inside a value
             "GET / HTTP/1.1\r\nA: b\r\r\n\r\n"s,       // at its end
             "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"s,   // a folded line
             "GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n"s,  // by a tab
             "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"s,      // a NUL
             "GET /\0 HTTP/1.1\r\n\r\n"s,
             "GET / HTTP/1.1\n"s,
         }) {
        EXPECT_EQ(scan_head(head).found, state::malformed) << head;
        for (std::size_t scanned = 0; scanned < head.size(); ++scanned) {
            if (scan_head(head.substr(0, scanned)).found == state::malformed) break;
            EXPECT_EQ(scan_head(head, scanned).found, state::malformed) << head << scanned;
        }
    }
}

std::string with(const std::string& fields) {
    return "GET /a HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

status refusal_of(const std::string& head) {
    const auto parsed = parse_request(head);
    const auto* const refused = std::get_if<status>(&parsed);
    return refused != nullptr ? *refused : status::ok;
}

request accepted(const std::string& head) {
    const auto parsed = parse_request(head);
    EXPECT_TRUE(std::holds_alternative<request>(parsed)) << head;
    const auto* const asked = std::get_if<request>(&parsed);
    return asked != nullptr ? *asked : request();
}

TEST(parse_request, hands_over_what_a_static_server_needs) {
    const std::string head =
        with("Range: bytes=0-1\r\nIf-Range: \"a\"\r\nif-none-match: \"b\", \"c\"\r\n"
             "If-Modified-Since: then\r\nX-Other: y\r\n");
    const request asked = accepted(head);
    EXPECT_EQ(asked.verb, request::method::get);
    EXPECT_EQ(asked.target, "/a");
    EXPECT_EQ(asked.range, "bytes=0-1");
    EXPECT_EQ(asked.if_range, "\"a\"");
    EXPECT_EQ(asked.if_none_match, "\"b\", \"c\"");
    EXPECT_EQ(asked.if_modified_since, "then");
    EXPECT_EQ(accepted("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n").verb, request::method::head);
}

TEST(parse_request, keeps_a_connection_as_version_and_client_say) {
    EXPECT_TRUE(accepted(with("")).keep_alive);
    EXPECT_FALSE(accepted(with("Connection: close\r\n")).keep_alive);
    EXPECT_FALSE(accepted(with("Connection: Keep-Alive, Close\r\n")).keep_alive);
    EXPECT_FALSE(accepted("GET / HTTP/1.0\r\n\r\n").keep_alive);
    EXPECT_TRUE(accepted("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(parse_request, takes_a_length_of_zero) {
    EXPECT_TRUE(accepted(with("Content-Length: 0\r\n")).keep_alive);
    EXPECT_TRUE(accepted(with("Content-Length: 000\r\n")).keep_alive);
}

class refused_case {
public:
    std::string head;
    status expected;
};

// What has been used to smuggle a second request past a proxy, or to upset a parser.
TEST(parse_request, refuses_each_of_a_corpus_of_smuggled_requests) {
    const std::vector<refused_case> corpus{
        {with("Content-Length: 1\r\n"), status::content_too_large},
        {with("Transfer-Encoding: chunked\r\n"), status::content_too_large},
        {with("Transfer-Encoding: gzip, chunked\r\n"), status::content_too_large},
        {with("Transfer-Encoding: xchunked\r\n"), status::content_too_large},
        {with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), status::bad_request},
        {with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), status::bad_request},
        {with("Transfer-Encoding: identity\r\nContent-Length: 3\r\n"), status::bad_request},
        {with("Content-Length: 0\r\nTransfer-Encoding: identity\r\n"), status::bad_request},
        {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"), status::bad_request},
        {with("Content-Length: 0\r\nContent-Length: 0\r\n"), status::bad_request},
        {with("Content-Length: 0\r\nContent-Length: 5\r\n"), status::bad_request},
        {with("Content-Length: 0, 0\r\n"), status::bad_request},
        {with("Content-Length: +0\r\n"), status::bad_request},
        {with("Content-Length: -1\r\n"), status::bad_request},
        {with("Content-Length: 0x0\r\n"), status::bad_request},
        {with("Content-Length: 0 0\r\n"), status::bad_request},
        {with("Content-Length: \r\n"), status::bad_request},
        {with("Content-Length: 18446744073709551616\r\n"), status::bad_request},
        {with("Content-Length : 0\r\n"), status::bad_request},
        {with("Content Length: 0\r\n"), status::bad_request},
        {with(": 0\r\n"), status::bad_request},
        {with("no colon\r\n"), status::bad_request},
        {with("A: \x01\r\n"), status::bad_request},
        {with("A: \x7f\r\n"), status::bad_request},
        {with("A\x80: b\r\n"), status::bad_request},
        {with("Host: y\r\n"), status::bad_request},
        {with("Range: bytes=0-1\r\nRange: bytes=1-2\r\n"), status::bad_request},
        {with("If-Range: \"a\"\r\nIf-Range: \"b\"\r\n"), status::bad_request},
        {"GET / HTTP/1.1\r\n\r\n", status::bad_request},
        {"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", status::bad_request},
        {"GET / a HTTP/1.1\r\nHost: x\r\n\r\n", status::version_not_supported},
        {"GET /a\x01 HTTP/1.1\r\nHost: x\r\n\r\n", status::bad_request},
        {"GET /\r\n\r\n", status::bad_request},
        {"GET / http/1.1\r\nHost: x\r\n\r\n", status::version_not_supported},
        {"GE(T / HTTP/1.1\r\nHost: x\r\n\r\n", status::bad_request},
        {" GET / HTTP/1.1\r\nHost: x\r\n\r\n", status::bad_request},
        {"\x16\x03\x01 / HTTP/1.1\r\n\r\n", status::bad_request},
        {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", status::version_not_supported},
        {"GET / HTTP/0.9\r\nHost: x\r\n\r\n", status::version_not_supported},
        {"PRI * HTTP/2.0\r\n\r\n", status::version_not_supported},
        {"POST / HTTP/1.1\r\nHost: x\r\n\r\n", status::method_not_allowed},
        {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", status::method_not_allowed},
        {"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", status::method_not_allowed},
        {"get / HTTP/1.1\r\nHost: x\r\n\r\n", status::not_implemented},
        {"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", status::not_implemented},
    };
    for (const refused_case& one : corpus) {
        EXPECT_EQ(scan_head(one.head).found, state::complete) << one.head;
        EXPECT_EQ(refusal_of(one.head), one.expected) << one.head;
    }
}

TEST(parse_request, refuses_ten_thousand_fields_like_one) {
    std::string fields;
    for (int i = 0; i < 10'000; ++i)
        fields += "A: b\r\n";
    EXPECT_EQ(accepted(with(fields)).target, "/a");
    EXPECT_EQ(refusal_of(with(fields + "A b\r\n")), status::bad_request);
}

}  // namespace
}  // namespace amphi::serve
