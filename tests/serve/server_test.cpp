// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/time/timeout.hpp>

#include "running_server.hpp"
#include "serve/server.hpp"
#include "support/raw_client.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <random>
#include <string>
#include <type_traits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::serve {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::raw_client;
using ::testing::StartsWith;

static_assert(!std::is_aggregate_v<server_options>);

class server_test : public running_server {};
INSTANTIATE_TEST_SUITE_P(lives, server_test, testing::all_lives(), testing::name_of_life);

std::string get(const std::string& path, const std::string& fields = {}) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

std::string random_text(std::size_t size) {
    std::mt19937_64 random;
    std::string text(size, '\0');
    for (char& c : text)
        c = static_cast<char>(random());
    return text;
}

TEST_P(server_test, answers_one_request_after_the_other_on_a_connection) {
    raw_client client(start());
    for (int i = 0; i < 3; ++i) {
        client.send(get("/a"));
        EXPECT_THAT(client.response(), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\naaa")));
        client.send(get("/b"));
        EXPECT_THAT(client.response(), StartsWith("HTTP/1.1 404 "));
    }
}

TEST_P(server_test, answers_requests_in_order_that_came_at_once) {
    write("b", "bb");
    raw_client client(start());
    client.send(get("/a") + "\r\n" + get("/b") + get("/c") + get("/a", "Connection: close\r\n"));
    EXPECT_THAT(client.response(), EndsWith("\r\n\r\naaa"));
    EXPECT_THAT(client.response(), EndsWith("\r\n\r\nbb"));
    EXPECT_THAT(client.response(), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(client.rest(), AllOf(HasSubstr("Connection: close"), EndsWith("\r\n\r\naaa")));
}

TEST_P(server_test, puts_a_request_together_that_comes_byte_by_byte) {
    raw_client client(start());
    for (const char byte : get("/a"))
        client.send(std::string(1, byte));
    EXPECT_THAT(client.response(), EndsWith("\r\n\r\naaa"));
}

TEST_P(server_test, sends_no_body_for_a_head) {
    raw_client client(start());
    client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + get("/a", "Connection: close\r\n"));
    const std::string head = client.response(false);
    EXPECT_THAT(head, AllOf(HasSubstr("\r\nContent-Length: 3\r\n"), EndsWith("\r\n\r\n")));
    EXPECT_THAT(client.rest(), EndsWith("\r\n\r\naaa"));
}

// More than what is copied, and more than the buffers of the connection hold.
TEST_P(server_test, sends_a_large_file_whole_and_in_part) {
    const std::string text = random_text(9'000'001);
    write("large", text);
    raw_client client(start());
    client.send(get("/large"));
    const std::string whole = client.response();
    EXPECT_TRUE(whole.ends_with("\r\n\r\n" + text));
    client.send(get("/large", "Range: bytes=70000-8999999\r\n"));
    const std::string part = client.response();
    EXPECT_THAT(part.substr(0, 20), StartsWith("HTTP/1.1 206 "));
    EXPECT_TRUE(part.ends_with("\r\n\r\n" + text.substr(70'000, 8'930'000)));
}

TEST_P(server_test, sends_an_empty_file) {
    write("empty", "");
    raw_client client(start());
    client.send(get("/empty"));
    EXPECT_THAT(client.response(), HasSubstr("\r\nContent-Length: 0\r\n"));
    client.send(get("/a"));
    EXPECT_THAT(client.response(), EndsWith("aaa"));
}

TEST_P(server_test, closes_after_what_is_no_request_and_drops_what_follows) {
    const std::uint16_t port = start();
    for (const char* const wrong : {
             "GET / HTTP/1.1\nHost: x\n\n",
             "GET / HTTP/1.1\r\n\r\n",
             "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
             "Transfer-Encoding: chunked\r\n\r\n",
         }) {
        raw_client client(port);
        client.send(wrong + get("/a"));
        const std::string all = client.rest();
        EXPECT_THAT(all, StartsWith("HTTP/1.1 400 ")) << wrong;
        EXPECT_THAT(all, Not(HasSubstr("aaa"))) << wrong;
    }
}

TEST_P(server_test, does_not_read_the_body_of_what_it_refuses_as_a_request) {
    raw_client client(start());
    const std::string hidden = get("/a");
    client.send(get("/a", "Content-Length: " + std::to_string(hidden.size()) + "\r\n") + hidden);
    const std::string all = client.rest();
    EXPECT_THAT(all, AllOf(StartsWith("HTTP/1.1 413 "), Not(HasSubstr("aaa"))));
}

TEST_P(server_test, serves_many_at_once) {
    const std::uint16_t port = start(server_options().delay(std::chrono::milliseconds(300)));
    const auto begin = std::chrono::steady_clock::now();
    std::list<raw_client> clients;
    for (int i = 0; i < 100; ++i)
        clients.emplace_back(port).send(get("/a"));
    for (raw_client& client : clients)
        EXPECT_THAT(client.response(), EndsWith("aaa"));
    const auto length = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(length, std::chrono::milliseconds(300));
    EXPECT_LT(length, std::chrono::seconds(20)) << "one after the other it would take 30 s";
}

TEST_P(server_test, survives_clients_that_go_while_they_are_sent_to) {
    write("large", std::string(5'000'000, 'x'));
    const std::uint16_t port = start();
    for (int i = 0; i < 10; ++i)
        raw_client(port).send(get("/large"));
    raw_client client(port);
    client.send(get("/a"));
    EXPECT_THAT(client.response(), EndsWith("aaa"));
}

TEST_P(server_test, drained_finishes_what_it_has_begun_and_nothing_else) {
    const std::uint16_t port = start(server_options().delay(std::chrono::milliseconds(200)));
    raw_client idle(port);
    raw_client asking(port);
    idle.send(get("/a"));
    EXPECT_THAT(idle.response(), EndsWith("aaa"));
    // Both are in one packet: with the first answer the second request has been read too.
    asking.send(get("/a") + get("/a"));
    EXPECT_THAT(asking.response(), EndsWith("aaa"));
    finish();
    EXPECT_THAT(idle.rest(), IsEmpty());
    EXPECT_THAT(asking.rest(), EndsWith("aaa"));
}

TEST_P(server_test, drained_before_it_runs_ends_at_once) {
    const testing::temp_folder empty;
    server served(folder(empty.path()), server_options());
    served.drain();
    auto listener = net::tcp_listener::bind(net::endpoint::loopback(0));
    run([](testing::borrowed<server> with,
           testing::borrowed<net::tcp_listener> on) -> task<> { co_await with->run(*on); },
        served,
        listener);
}

TEST_P(server_test, stopped_ends_every_connection) {
    const testing::temp_folder empty;
    server served(folder(empty.path()), server_options());
    auto listener = net::tcp_listener::bind(net::endpoint::loopback(0));
    raw_client client(listener.local_endpoint().port());
    const auto serve_for_a_while = [](testing::borrowed<server> with,
                                      testing::borrowed<net::tcp_listener> on) -> task<> {
        co_await timeout(
            std::chrono::milliseconds(100),
            [](server& s, net::tcp_listener& l) { return s.run(l); },
            *with,
            *on
        );
    };
    EXPECT_THROW(run(serve_for_a_while, served, listener), timed_out);
    EXPECT_THAT(client.rest(), IsEmpty());
}

}  // namespace
}  // namespace amphi::serve
