// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/connect.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/resolve.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/timeout.hpp>

#include "support/cancel.hpp"
#include "support/full_listener.hpp"
#include "support/lives.hpp"
#include "support/open_descriptors.hpp"

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::net {
namespace {

using testing::expect_deadline_ends;
using testing::expect_stop_ends;
using testing::full_listener;
using ::testing::HasSubstr;
using testing::open_descriptors;

static_assert(!std::is_aggregate_v<connect_options>);
static_assert(sendable<connect_options>);

class connect_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, connect_test, testing::all_lives(), testing::name_of_life);

std::optional<tcp_listener> listener_on_ipv6() {
    try {
        return tcp_listener::bind(endpoint::parse("[::1]:0"));
    } catch (const std::system_error&) {
        return std::nullopt;
    }
}

/// A port where nobody listens.
std::uint16_t refusing_port() {
    return tcp_listener::bind(endpoint::loopback(0)).local_endpoint().port();
}

task<> expect_connection(std::string place, tcp_listener& to) {
    const tcp_stream client = co_await connect(place);
    const tcp_stream server = co_await to.accept();
    EXPECT_EQ(server.remote_endpoint(), client.local_endpoint());
    EXPECT_EQ(client.remote_endpoint(), to.local_endpoint());
}

TEST_P(connect_test, a_host_is_found_by_its_name_and_by_its_address) {
    run([]() -> task<> {
        auto listener = tcp_listener::bind(endpoint::loopback(0));
        const std::uint16_t port = listener.local_endpoint().port();
        co_await expect_connection("localhost:" + std::to_string(port), listener);
        co_await expect_connection("127.0.0.1:" + std::to_string(port), listener);
        const tcp_stream client = co_await connect("localhost", port);
        EXPECT_EQ(client.remote_endpoint(), listener.local_endpoint());
    });
}

TEST_P(connect_test, an_ipv6_address_stands_in_brackets_or_alone) {
    auto listener = listener_on_ipv6();
    if (!listener) GTEST_SKIP() << "this machine has no IPv6";
    run(
        [](tcp_listener to) -> task<> {
            const std::uint16_t port = to.local_endpoint().port();
            co_await expect_connection("[::1]:" + std::to_string(port), to);
            for (const char* const host : {"::1", "[::1]"}) {
                const tcp_stream client = co_await connect(host, port);
                EXPECT_EQ(client.remote_endpoint(), to.local_endpoint());
            }
            // The preferred family refuses, or is not this name's: the other one answers.
            const auto ipv4_first = connect_options().prefer(address_family::ipv4);
            const auto resolved = co_await resolve("localhost", port);
            bool has_ipv6 = false;
            for (const endpoint& each : resolved)
                has_ipv6 = has_ipv6 || each.is_ipv6();
            if (has_ipv6) {
                const tcp_stream client = co_await connect("localhost", port, ipv4_first);
                EXPECT_TRUE(client.remote_endpoint().is_ipv6());
            }
        },
        std::move(*listener)
    );
}

TEST_P(connect_test, a_refusal_names_the_host_the_address_and_the_reason) {
    const std::uint16_t port = refusing_port();
    const std::string number = std::to_string(port);
    try {
        (void
        )run([](std::uint16_t to) -> task<> { (void)co_await connect("localhost", to); }, port);
        ADD_FAILURE() << "somebody listens";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), ECONNREFUSED);
        EXPECT_THAT(error.what(), HasSubstr("connect to localhost:" + number));
        EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:" + number));
    }
}

TEST_P(connect_test, a_name_that_does_not_resolve_says_so) {
    try {
        (void)run([]() -> task<> { (void)co_await connect(std::string(300, 'x') + ":80"); });
        ADD_FAILURE() << "it was resolved";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().category(), resolver_category());
    }
}

TEST_P(connect_test, a_place_without_a_host_or_a_port_is_refused) {
    for (const char* const place :
         {"",
          ":80",
          "localhost",
          "localhost:",
          "localhost:http",
          "localhost:65536",
          "::1:80",
          "[::1]",
          "[::1]80",
          "localhost:80 ",
          "[localhost]:80"})
        EXPECT_THROW(
            run([](std::string to) -> task<> { (void)co_await connect(to); }, place),
            std::invalid_argument
        ) << place;
}

task<> connect_to_port(std::uint16_t port) {
    (void)co_await connect("127.0.0.1", port);
}

TEST_P(connect_test, a_host_that_does_not_answer_is_given_up_and_leaves_nothing) {
    run([]() -> task<> {
        full_listener busy;
        co_await busy.fill();
        std::uint16_t port = busy.at().port();
        co_await expect_deadline_ends(connect_to_port, port);
        const std::size_t before = open_descriptors();
        co_await expect_deadline_ends(connect_to_port, port);
        EXPECT_EQ(open_descriptors(), before);
        co_await expect_stop_ends(connect_to_port, port);
        try {
            (void)co_await timeout(std::chrono::milliseconds(5), connect, "127.0.0.1", port);
            ADD_FAILURE() << "it answered";
        } catch (const timed_out&) {
        }
    });
}

TEST_P(connect_test, a_deadline_that_has_passed_asks_nobody) {
    EXPECT_THROW(
        run([]() -> task<> {
            (void)co_await timeout(std::chrono::milliseconds(0), connect, "localhost:80");
        }),
        timed_out
    );
}

}  // namespace
}  // namespace amphi::net
