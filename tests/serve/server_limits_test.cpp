// SPDX-License-Identifier: BSL-1.0
#include "running_server.hpp"
#include "support/raw_client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::serve {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::raw_client;
using ::testing::StartsWith;
using namespace std::chrono_literals;

/// What slow, large and numerous clients meet.
class server_limits_test : public running_server {
public:
    const std::string get_a = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
};
INSTANTIATE_TEST_SUITE_P(lives, server_limits_test, testing::all_lives(), testing::name_of_life);

TEST_P(server_limits_test, a_client_that_says_nothing_is_let_go) {
    raw_client client(start(server_options().head_timeout(50ms)));
    EXPECT_THAT(client.rest(), IsEmpty());
}

TEST_P(server_limits_test, a_client_that_stops_inside_a_head_is_told_so) {
    raw_client client(start(server_options().head_timeout(50ms)));
    client.send("GET /a HTTP/1.1\r\nHo");
    EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 408 "));
}

// Slowloris: were the limit counted from the last byte, this client would be served for ever.
TEST_P(server_limits_test, a_head_has_one_time_for_all_its_bytes) {
    raw_client client(start(server_options().head_timeout(200ms)));
    client.send("GET /a HTTP/1.1\r\nA: ");
    while (!client.is_readable(5ms))
        client.send("a");
    EXPECT_THAT(client.response(), StartsWith("HTTP/1.1 408 "));
}

TEST_P(server_limits_test, each_later_head_has_its_time_too) {
    raw_client client(start(server_options().head_timeout(100ms)));
    client.send(get_a);
    EXPECT_THAT(client.response(), EndsWith("aaa"));
    client.send("GET");
    EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 408 "));
}

TEST_P(server_limits_test, a_connection_that_is_kept_idle_is_let_go) {
    raw_client client(start(server_options().idle_timeout(50ms)));
    client.send(get_a);
    EXPECT_THAT(client.response(), EndsWith("aaa"));
    EXPECT_THAT(client.rest(), IsEmpty());
}

TEST_P(server_limits_test, the_answer_may_be_held_back_longer_than_a_head_may_take) {
    raw_client client(start(server_options().head_timeout(50ms).idle_timeout(50ms).delay(200ms)));
    client.send(get_a);
    EXPECT_THAT(client.response(), EndsWith("aaa"));
}

TEST_P(server_limits_test, a_head_may_fill_its_limit_and_not_go_beyond) {
    const std::uint16_t port = start(server_options().head_bytes_max(200));
    std::string head = "GET /a HTTP/1.1\r\nHost: x\r\nA: \r\n\r\n";
    head.insert(head.size() - 4, std::string(200 - head.size(), 'a'));
    raw_client fitting(port);
    fitting.send(head + head);
    EXPECT_THAT(fitting.response(), EndsWith("aaa"));
    EXPECT_THAT(fitting.response(), EndsWith("aaa"));
    head.insert(head.size() - 4, "a");
    raw_client longer(port);
    longer.send(head);
    EXPECT_THAT(longer.rest(), StartsWith("HTTP/1.1 431 "));
}

TEST_P(server_limits_test, a_head_without_end_is_cut_off) {
    raw_client client(start());
    client.send("GET /a HTTP/1.1\r\n");
    const std::string fields(4000, 'a');
    // The server answers, reads on for a while and closes: then the sending fails.
    int sent = 0;
    while (sent < 10'000 && client.send("A: " + fields + "\r\n"))
        ++sent;
    EXPECT_LT(sent, 10'000);
}

TEST_P(server_limits_test, a_client_that_takes_nothing_is_let_go) {
    constexpr std::size_t size = 20'000'000;
    write("large", std::string(size, 'x'));
    raw_client client(start(server_options().stall_timeout(50ms)));
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    // The server ends although this answer has begun: it has given it up.
    finish();
    EXPECT_LT(client.rest().size(), size);
}

TEST_P(server_limits_test, beyond_the_limit_of_connections_a_client_waits_for_another_to_go) {
    const std::uint16_t port = start(server_options().connections_max(1));
    raw_client first(port);
    first.send("GET /a HTTP/1.1\r\n");
    raw_client second(port);
    second.send(get_a);
    EXPECT_FALSE(second.is_readable(50ms));
    first.send("Host: x\r\n\r\n");
    EXPECT_THAT(first.rest(), EndsWith("aaa"));
    EXPECT_THAT(second.rest(), EndsWith("aaa"));
}

TEST_P(server_limits_test, at_the_limit_of_connections_none_is_kept_that_asks_for_nothing) {
    const std::uint16_t port = start(server_options().connections_max(2));
    raw_client first(port);
    first.send(get_a);
    EXPECT_THAT(first.response(), HasSubstr("Connection: keep-alive\r\n"));
    for (int i = 0; i < 3; ++i) {
        raw_client later(port);
        later.send(get_a);
        EXPECT_THAT(later.rest(), HasSubstr("Connection: close\r\n"));
    }
}

}  // namespace
}  // namespace amphi::serve
