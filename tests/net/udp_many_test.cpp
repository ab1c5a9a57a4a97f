// SPDX-License-Identifier: BSL-1.0
// Many datagrams in one call, options, and multicast.
#include <amphi/net/endpoint.hpp>
#include <amphi/net/udp.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/timeout.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace amphi::net {
namespace {

using ::testing::HasSubstr;

class udp_many_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, udp_many_test, testing::all_lives(), testing::name_of_life);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

std::string_view text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

udp_socket bind_to_loopback() {
    return udp_socket::bind(endpoint::loopback(0));
}

/// Rooms for datagrams of up to 16 bytes.
class rooms {
public:
    explicit rooms(std::size_t count) : bytes_(count * size_each) {
        for (std::size_t i = 0; i < count; ++i)
            all.emplace_back(std::span(bytes_).subspan(i * size_each, size_each));
    }

    static constexpr std::size_t size_each = 16;

private:
    std::vector<std::byte> bytes_;

public:
    std::vector<incoming_datagram> all;
};

TEST_P(udp_many_test, many_go_and_come_in_few_calls) {
    run([]() -> task<> {
        auto first = bind_to_loopback();
        auto second = bind_to_loopback();
        auto sender = bind_to_loopback();
        std::vector<std::string> texts;
        for (int i = 0; i < 100; ++i)
            texts.push_back(std::to_string(i));
        std::vector<outgoing_datagram> sent;
        for (std::size_t i = 0; i < texts.size(); ++i)
            sent.emplace_back(bytes_of(texts[i]), (i % 2 == 0 ? first : second).local_endpoint());
        std::vector<std::size_t> taken;
        for (std::span<const outgoing_datagram> left(sent); !left.empty();) {
            const std::size_t count = co_await sender.send_many(left);
            taken.push_back(count);
            left = left.subspan(count);
        }
        EXPECT_EQ(taken.front(), udp_socket::many_max);

        rooms into(80);
        const std::size_t count = co_await first.receive_many(into.all);
        EXPECT_EQ(count, 50U);
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_EQ(text_of(into.all[i].bytes()), texts[2 * i]);
            EXPECT_EQ(into.all[i].received().from(), sender.local_endpoint());
        }
        // The rest stays until it is asked for.
        const std::size_t few = co_await second.receive_many(std::span(into.all).first(7));
        EXPECT_EQ(few, 7U);
        EXPECT_EQ(text_of(into.all[6].bytes()), texts[13]);
        const std::size_t others = co_await second.receive_many(into.all);
        EXPECT_EQ(others, 43U);
    });
}

TEST_P(udp_many_test, none_are_none_and_nobody_waits) {
    run([]() -> task<> {
        auto alone = bind_to_loopback();
        const std::size_t sent = co_await alone.send_many({});
        EXPECT_EQ(sent, 0U);
        const std::size_t received = co_await alone.receive_many({});
        EXPECT_EQ(received, 0U);
    });
}

TEST_P(udp_many_test, empty_and_cut_ones_are_told_apart) {
    run([]() -> task<> {
        auto server = bind_to_loopback();
        auto client = udp_socket::connected_to(server.local_endpoint());
        const std::vector<std::byte> big(1000);
        std::vector<outgoing_datagram> sent;
        sent.emplace_back(bytes_of(""));
        sent.emplace_back(big);
        sent.emplace_back(bytes_of("last"));
        const std::size_t taken = co_await client.send_many(sent);
        EXPECT_EQ(taken, 3U);
        rooms into(4);
        const std::size_t count = co_await server.receive_many(into.all);
        EXPECT_EQ(count, 3U);
        EXPECT_EQ(into.all[0].bytes().size(), 0U);
        EXPECT_FALSE(into.all[0].received().truncated());
        EXPECT_EQ(into.all[1].bytes().size(), rooms::size_each);
        EXPECT_EQ(into.all[1].received().sent_size(), 1000U);
        EXPECT_EQ(text_of(into.all[2].bytes()), "last");
        EXPECT_EQ(into.all[2].received().from(), client.local_endpoint());
    });
}

TEST_P(udp_many_test, one_that_cannot_be_sent_stops_there_and_is_named_next) {
    run([]() -> task<> {
        auto server = bind_to_loopback();
        auto client = bind_to_loopback();
        const std::vector<std::byte> too_big(70'000);
        std::vector<outgoing_datagram> sent;
        sent.emplace_back(bytes_of("good"), server.local_endpoint());
        sent.emplace_back(too_big, server.local_endpoint());
        sent.emplace_back(bytes_of("behind"), server.local_endpoint());
        const std::size_t taken = co_await client.send_many(sent);
        EXPECT_EQ(taken, 1U);
        std::string said;
        try {
            (void)co_await client.send_many(std::span(sent).subspan(1));
        } catch (const std::system_error& error) {
            said = error.what();
            EXPECT_EQ(error.code(), std::errc::message_size);
        }
        EXPECT_THAT(said, HasSubstr("send 70000 bytes to " + to_string(server.local_endpoint())));
    });
}

int option_of(const udp_socket& of, int level, int option) {
    int value = -1;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(of.native_handle(), level, option, &value, &size), 0);
    return value;
}

TEST(udp_options, are_those_of_the_kernel) {
    auto socket = bind_to_loopback();
    socket.ttl(7);
    EXPECT_EQ(option_of(socket, IPPROTO_IP, IP_TTL), 7);
    socket.multicast_ttl(3);
    EXPECT_EQ(option_of(socket, IPPROTO_IP, IP_MULTICAST_TTL), 3);
    socket.multicast_loop(false);
    EXPECT_EQ(option_of(socket, IPPROTO_IP, IP_MULTICAST_LOOP), 0);
    for (const bool on : {true, false}) {
        socket.broadcast(on);
        EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_BROADCAST), on ? 1 : 0);
    }
    socket.receive_buffer(20'000);
    EXPECT_EQ(socket.receive_buffer(), 40'000U);
    socket.send_buffer(30'000);
    EXPECT_EQ(socket.send_buffer(), 60'000U);
    try {
        socket.ttl(1000);
        ADD_FAILURE() << "a thousand hops";
    } catch (const std::system_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("set IP_TTL of the UDP socket at 127.0.0.1:"));
    }
}

TEST(udp_options, of_ipv6_are_its_own) {
    const endpoint any = endpoint::parse("[::1]:0");
    try {
        auto socket = udp_socket::bind(any, udp_options().only_ipv6());
        socket.ttl(7);
        EXPECT_EQ(option_of(socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 7);
        socket.multicast_ttl(3);
        EXPECT_EQ(option_of(socket, IPPROTO_IPV6, IPV6_MULTICAST_HOPS), 3);
        socket.multicast_loop(false);
        EXPECT_EQ(option_of(socket, IPPROTO_IPV6, IPV6_MULTICAST_LOOP), 0);
        EXPECT_EQ(option_of(socket, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    } catch (const std::system_error& error) {
        GTEST_SKIP() << "NO IPv6 HERE: " << error.what();
    }
}

TEST(udp_options, let_addresses_be_shared) {
    for (const udp_options& shared : {udp_options().reuse_address(), udp_options().reuse_port()}) {
        const auto first = udp_socket::bind(endpoint::loopback(0), shared);
        const auto second = udp_socket::bind(first.local_endpoint(), shared);
        EXPECT_EQ(first.local_endpoint(), second.local_endpoint());
    }
}

task<> receive_one(udp_socket& from) {
    std::array<std::byte, 16> buffer{};
    (void)co_await from.receive(buffer);
}

/// Two members of a group on the loopback interface get what is sent to it, until they leave.
task<> send_to_group(const endpoint& any, const std::string& address) {
    const std::uint32_t loopback = ::if_nametoindex("lo");
    auto first = udp_socket::bind(any, udp_options().reuse_address());
    auto at = any.is_ipv6() ? endpoint::parse("[::]:0") : endpoint();
    at = *endpoint::from_address(at.address(), first.local_endpoint().port());
    auto second = udp_socket::bind(at, udp_options().reuse_address());
    const endpoint group = *endpoint::from_address(address, at.port());
    auto sender = udp_socket::bind(any);
    try {
        first.join_multicast(group, loopback);
        second.join_multicast(group, loopback);
        sender.multicast_interface(loopback);
        sender.multicast_loop(true);
        co_await sender.send_to(bytes_of("all"), group);
    } catch (const std::system_error& error) {
        std::printf("NO MULTICAST HERE, so it is not tested: %s\n", error.what());
        co_return;
    }
    for (udp_socket* member : {&first, &second})
        co_await timeout(std::chrono::seconds(5), receive_one, *member);
    first.leave_multicast(group, loopback);
    second.leave_multicast(group, loopback);
    co_await sender.send_to(bytes_of("nobody"), group);
    co_await testing::expect_deadline_ends(receive_one, first);
    std::string said;
    try {
        first.leave_multicast(group, loopback);
    } catch (const std::system_error& error) {
        said = error.what();
    }
    EXPECT_THAT(said, HasSubstr("the end of membership in " + address));
}

TEST_P(udp_many_test, a_group_gets_what_is_sent_to_it) {
    run(send_to_group, endpoint(), "239.255.71.3");
}

TEST_P(udp_many_test, a_group_of_ipv6_alike) {
    try {
        (void)udp_socket::bind(endpoint::parse("[::]:0"));
    } catch (const std::system_error& error) {
        GTEST_SKIP() << "NO IPv6 HERE: " << error.what();
    }
    run(send_to_group, endpoint::parse("[::]:0"), "ff01::7103");
}

}  // namespace
}  // namespace amphi::net
