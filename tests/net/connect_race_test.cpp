// SPDX-License-Identifier: BSL-1.0
// Several addresses of one host: which is tried when, and what becomes of the others.
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/net/connect.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/timeout.hpp>

#include "net/connect_race.hpp"
#include "support/cancel.hpp"
#include "support/full_listener.hpp"
#include "support/lives.hpp"
#include "support/open_descriptors.hpp"

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

using namespace std::chrono_literals;
using net::address_family;
using net::connect_options;
using net::endpoint;
using net::tcp_listener;
using net::tcp_stream;
using ::testing::ElementsAre;
using testing::expect_deadline_ends;
using testing::expect_stop_ends;
using testing::full_listener;
using ::testing::HasSubstr;
using testing::open_descriptors;

class connect_race_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, connect_race_test, testing::all_lives(), testing::name_of_life);

using addresses = std::vector<endpoint>;

endpoint ipv4(int last) {
    return endpoint::parse("192.0.2." + std::to_string(last) + ":1");
}
endpoint ipv6(int last) {
    return endpoint::parse("[2001:db8::" + std::to_string(last) + "]:1");
}

/// Nobody listens there.
endpoint refusing() {
    return tcp_listener::bind(endpoint::loopback(0)).local_endpoint();
}

TEST(addresses_in_turn, take_the_families_alternately_and_keep_the_order_of_each) {
    const addresses found{ipv6(1), ipv6(2), ipv6(3), ipv4(1), ipv4(2)};
    EXPECT_THAT(
        in_turn(found, address_family::as_resolved),
        ElementsAre(ipv6(1), ipv4(1), ipv6(2), ipv4(2), ipv6(3))
    );
    EXPECT_THAT(
        in_turn(found, address_family::ipv4),
        ElementsAre(ipv4(1), ipv6(1), ipv4(2), ipv6(2), ipv6(3))
    );
    EXPECT_THAT(
        in_turn({ipv4(1), ipv6(1)}, address_family::as_resolved), ElementsAre(ipv4(1), ipv6(1))
    );
    EXPECT_THAT(in_turn({ipv4(1), ipv6(1)}, address_family::ipv6), ElementsAre(ipv6(1), ipv4(1)));
    EXPECT_THAT(in_turn({ipv4(1)}, address_family::ipv6), ElementsAre(ipv4(1)));
}

TEST_P(connect_race_test, a_refusal_does_not_wait_for_the_delay) {
    run([]() -> task<> {
        auto listener = tcp_listener::bind(endpoint::loopback(0));
        const addresses tried{refusing(), refusing(), listener.local_endpoint()};
        const auto patient = connect_options().attempt_delay(1h);
        const tcp_stream client = co_await timeout(20s, connect_to_any, "host", tried, patient);
        EXPECT_EQ(client.remote_endpoint(), listener.local_endpoint());
    });
}

TEST_P(connect_race_test, an_address_that_is_silent_is_overtaken_and_closed) {
    run([]() -> task<> {
        full_listener busy;
        co_await busy.fill();
        auto listener = tcp_listener::bind(endpoint::loopback(0));
        const addresses tried{busy.at(), listener.local_endpoint()};
        const auto hasty = connect_options().attempt_delay(20ms);
        const std::size_t before = open_descriptors();
        const time_point begun = clock::now();
        {
            const tcp_stream client = co_await connect_to_any("host", tried, hasty);
            EXPECT_GE(clock::now() - begun, 20ms);
            EXPECT_EQ(client.remote_endpoint(), listener.local_endpoint());
            // The first wait of a plain thread, or of a worker, may have made a descriptor of its
            // own; the loser's has gone.
            EXPECT_LE(open_descriptors(), before + 4);
        }
        const std::size_t again = open_descriptors();
        {
            const tcp_stream client = co_await connect_to_any("host", tried, hasty);
            EXPECT_EQ(open_descriptors(), again + 1);
        }
        EXPECT_EQ(open_descriptors(), again);
    });
}

TEST_P(connect_race_test, without_a_delay_all_are_tried_at_once) {
    run([]() -> task<> {
        full_listener busy;
        co_await busy.fill();
        auto listener = tcp_listener::bind(endpoint::loopback(0));
        const addresses tried{busy.at(), busy.at(), busy.at(), listener.local_endpoint()};
        const auto at_once = connect_options().attempt_delay(0ms);
        // A quarter of a second before each of the others would be too long.
        const tcp_stream client = co_await timeout(700ms, connect_to_any, "host", tried, at_once);
        EXPECT_EQ(client.remote_endpoint(), listener.local_endpoint());
    });
}

TEST_P(connect_race_test, when_all_have_failed_each_is_named_with_its_reason) {
    // No route goes to a multicast address by TCP.
    const addresses tried{refusing(), endpoint::parse("224.0.0.1:9"), refusing()};
    try {
        (void)run(connect_to_any, "the-host:9", tried, connect_options());
        ADD_FAILURE() << "one has answered";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), ECONNREFUSED);
        EXPECT_THAT(
            error.what(),
            HasSubstr("connect to the-host:9: " + to_string(tried[0]) + " (Connection refused), ")
        );
        EXPECT_THAT(error.what(), HasSubstr(", " + to_string(tried[2]) + ": Connection refused"));
        EXPECT_THAT(error.what(), HasSubstr("224.0.0.1:9 ("));
    }
}

task<> connect_to_silent(endpoint at) {
    (void)co_await connect_to_any("host", addresses(40, at), connect_options().attempt_delay(1ms));
}

TEST_P(connect_race_test, many_silent_addresses_are_given_up_and_closed_together) {
    run([]() -> task<> {
        full_listener busy;
        co_await busy.fill();
        endpoint at = busy.at();
        co_await expect_deadline_ends(connect_to_silent, at);
        const std::size_t before = open_descriptors();
        co_await expect_deadline_ends(connect_to_silent, at);
        EXPECT_EQ(open_descriptors(), before);
        co_await expect_stop_ends(connect_to_silent, at);
    });
}

}  // namespace
}  // namespace amphi::detail
