// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/udp.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::net {
namespace {

using namespace std::chrono_literals;
using testing::expect_deadline_ends;
using testing::expect_stop_ends;
using ::testing::HasSubstr;

static_assert(sendable<udp_socket> && sendable<udp_socket::received>);
static_assert(!std::is_copy_constructible_v<udp_socket>);
static_assert(!std::is_aggregate_v<udp_options>);

class udp_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, udp_test, testing::all_lives(), testing::name_of_life);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

udp_socket bind_to_loopback() {
    return udp_socket::bind(endpoint::loopback(0));
}

bool has_ipv6() {
    try {
        (void)udp_socket::bind(endpoint::parse("[::1]:0"));
    } catch (const std::system_error& error) {
        std::printf("NO IPv6 HERE, so what concerns it is not tested: %s\n", error.what());
        return false;
    }
    return true;
}

task<std::string> receive_text(udp_socket& from) {
    std::array<char, 64> buffer{};
    const std::size_t size = co_await from.receive(std::as_writable_bytes(std::span(buffer)));
    co_return std::string(buffer.data(), size);
}

task<> exchange(const endpoint& at) {
    auto server = udp_socket::bind(at);
    auto client = udp_socket::bind(at);
    co_await client.send_to(bytes_of("question"), server.local_endpoint());
    std::array<std::byte, 64> buffer{};
    const auto question = co_await server.receive_from(buffer);
    EXPECT_EQ(question.size(), 8U);
    EXPECT_FALSE(question.truncated());
    EXPECT_EQ(question.from(), client.local_endpoint());
    EXPECT_EQ(question.from().is_ipv6(), at.is_ipv6());
    co_await server.send_to(bytes_of("answer"), question.from());
    const std::string answer = co_await receive_text(client);
    EXPECT_EQ(answer, "answer");
}

TEST_P(udp_test, a_datagram_and_its_answer) {
    run(exchange, endpoint::loopback(0));
}

TEST_P(udp_test, over_ipv6_alike) {
    if (!has_ipv6()) GTEST_SKIP();
    run(exchange, endpoint::parse("[::1]:0"));
}

TEST_P(udp_test, connected_ones_hear_only_each_other) {
    run([]() -> task<> {
        auto server = bind_to_loopback();
        EXPECT_FALSE(server.remote_endpoint());
        auto client = udp_socket::connected_to(server.local_endpoint());
        EXPECT_EQ(client.remote_endpoint(), server.local_endpoint());
        server.connect(client.local_endpoint());
        auto stranger = bind_to_loopback();
        co_await stranger.send_to(bytes_of("noise"), server.local_endpoint());
        co_await client.send(bytes_of("signal"));
        const std::string heard = co_await receive_text(server);
        EXPECT_EQ(heard, "signal");
        // It may be connected again.
        server.connect(stranger.local_endpoint());
        co_await stranger.send_to(bytes_of("no noise"), server.local_endpoint());
        const std::string other = co_await receive_text(server);
        EXPECT_EQ(other, "no noise");
    });
}

TEST_P(udp_test, an_empty_datagram_is_one_and_no_end) {
    run([]() -> task<> {
        auto server = bind_to_loopback();
        auto client = udp_socket::connected_to(server.local_endpoint());
        for (const char* text : {"", "after", ""})
            co_await client.send(bytes_of(text));
        std::array<std::byte, 64> buffer{};
        const auto empty = co_await server.receive_from(buffer);
        EXPECT_EQ(empty.size(), 0U);
        EXPECT_FALSE(empty.truncated());
        EXPECT_EQ(empty.from(), client.local_endpoint());
        const std::string after = co_await receive_text(server);
        EXPECT_EQ(after, "after");
        const std::size_t last = co_await server.receive(buffer);
        EXPECT_EQ(last, 0U);
    });
}

TEST_P(udp_test, what_does_not_fit_is_cut_off_and_told) {
    run([]() -> task<> {
        auto server = bind_to_loopback();
        auto client = udp_socket::connected_to(server.local_endpoint());
        for (int i = 0; i < 3; ++i)
            co_await client.send(bytes_of("0123456789"));
        std::array<std::byte, 4> buffer{};
        const auto cut = co_await server.receive_from(buffer);
        EXPECT_EQ(cut.size(), 4U);
        EXPECT_EQ(cut.sent_size(), 10U);
        EXPECT_TRUE(cut.truncated());
        const std::size_t untold = co_await server.receive(buffer);
        EXPECT_EQ(untold, 4U);
        const auto into_nothing = co_await server.receive_from({});
        EXPECT_EQ(into_nothing.size(), 0U);
        EXPECT_TRUE(into_nothing.truncated());
    });
}

template <class Operation>
task<std::system_error> failure_of(Operation operation, udp_socket& of) {
    try {
        for (int i = 0; i < 100; ++i)
            co_await operation(of);
    } catch (const std::system_error& error) {
        co_return error;
    }
    co_return std::system_error(std::error_code(), "no failure");
}

task<> send_byte(udp_socket& to) {
    co_await to.send(bytes_of("x"));
}
task<> send_too_much(udp_socket& to) {
    const std::vector<std::byte> bytes(70'000);
    co_await to.send(bytes);
}
task<> send_too_much_to(udp_socket& from) {
    const std::vector<std::byte> bytes(70'000);
    co_await from.send_to(bytes, endpoint::loopback(9));
}
task<> receive_one(udp_socket& from) {
    std::array<std::byte, 16> buffer{};
    (void)co_await from.receive(buffer);
}
task<> receive_one_from(udp_socket& from) {
    std::array<std::byte, 16> buffer{};
    (void)co_await from.receive_from(buffer);
}
task<> receive_some(udp_socket& from) {
    std::array<std::byte, 16> buffer{};
    std::array<incoming_datagram, 1> into{incoming_datagram(buffer)};
    (void)co_await from.receive_many(into);
}

TEST_P(udp_test, nobody_there_is_told_to_the_next_call_and_names_the_peer) {
    run([]() -> task<> {
        auto gone = bind_to_loopback();
        const endpoint nobody = gone.local_endpoint();
        gone.close();
        auto client = udp_socket::connected_to(nobody);
        const auto sent = co_await failure_of(send_byte, client);
        EXPECT_EQ(sent.code(), std::errc::connection_refused);
        EXPECT_THAT(sent.what(), HasSubstr("send 1 bytes to " + to_string(nobody)));
        co_await send_byte(client);
        const auto received = co_await failure_of(receive_one, client);
        EXPECT_EQ(received.code(), std::errc::connection_refused);
        EXPECT_THAT(received.what(), HasSubstr("receive from " + to_string(nobody)));
    });
}

TEST_P(udp_test, what_is_too_long_names_its_size) {
    run([]() -> task<> {
        auto server = bind_to_loopback();
        auto client = udp_socket::connected_to(server.local_endpoint());
        const auto sent = co_await failure_of(send_too_much, client);
        EXPECT_EQ(sent.code(), std::errc::message_size);
        EXPECT_THAT(
            sent.what(), HasSubstr("send 70000 bytes to " + to_string(server.local_endpoint()))
        );
        const auto sent_to = co_await failure_of(send_too_much_to, server);
        EXPECT_THAT(sent_to.what(), HasSubstr("send 70000 bytes to 127.0.0.1:9"));
    });
}

TEST_P(udp_test, a_send_without_a_peer_names_the_socket) {
    run([]() -> task<> {
        auto alone = bind_to_loopback();
        const auto sent = co_await failure_of(send_byte, alone);
        EXPECT_EQ(sent.code(), std::errc::destination_address_required);
        EXPECT_THAT(sent.what(), HasSubstr(to_string(alone.local_endpoint())));
        alone.close();
        EXPECT_EQ(alone.native_handle(), -1);
        const auto closed = co_await failure_of(send_byte, alone);
        EXPECT_EQ(closed.code(), std::errc::bad_file_descriptor);
    });
}

TEST_P(udp_test, a_receive_that_is_cut_short_loses_nothing) {
    run([]() -> task<> {
        auto server = bind_to_loopback();
        auto client = udp_socket::connected_to(server.local_endpoint());
        co_await expect_deadline_ends(receive_one, server);
        co_await expect_deadline_ends(receive_one_from, server);
        co_await expect_deadline_ends(receive_some, server);
        co_await client.send(bytes_of("kept"));
        const std::string kept = co_await receive_text(server);
        EXPECT_EQ(kept, "kept");
        co_await expect_stop_ends(receive_one, std::move(server));
        auto second = bind_to_loopback();
        co_await expect_stop_ends(receive_one_from, std::move(second));
        auto third = bind_to_loopback();
        co_await expect_stop_ends(receive_some, std::move(third));
    });
}

TEST_P(udp_test, a_task_that_was_stopped_before_sends_nothing) {
    run([]() -> task<> {
        auto server = bind_to_loopback();
        auto client = udp_socket::connected_to(server.local_endpoint());
        bool refused = false;
        try {
            co_await timeout(0ms, send_byte, client);
        } catch (const timed_out&) {
            refused = true;
        }
        EXPECT_TRUE(refused);
        co_await expect_deadline_ends(receive_one, server);
    });
}

task<> send_later(udp_socket from) {
    co_await sleep_for(2ms);
    co_await from.send(bytes_of("tick"));
}

TEST_P(udp_test, readiness_can_be_selected) {
    run([]() -> task<> {
        auto server = bind_to_loopback();
        co_await scope(
            [](task_scope& jobs, udp_socket& receiver) -> task<> {
                const auto quiet = co_await select(receiver.readable(), sleep_for(1ms));
                EXPECT_EQ(quiet.index(), 1U);
                auto client = udp_socket::connected_to(receiver.local_endpoint());
                co_await client.writable();
                (void)co_await jobs.spawn(send_later, std::move(client));
                const auto came = co_await select(receiver.readable(), sleep_until(never));
                EXPECT_EQ(came.index(), 0U);
                const std::string text = co_await receive_text(receiver);
                EXPECT_EQ(text, "tick");
            },
            server
        );
    });
}

TEST_P(udp_test, waits_for_what_comes_later_many_times) {
    run([]() -> task<> {
        auto server = bind_to_loopback();
        auto client = udp_socket::connected_to(server.local_endpoint());
        server.connect(client.local_endpoint());
        co_await scope(
            [](task_scope& jobs, udp_socket& asks, udp_socket& answers) -> task<> {
                (void)co_await jobs.spawn(
                    [](udp_socket echo) -> task<> {
                        std::array<std::byte, 8> buffer{};
                        for (int i = 0; i < 500; ++i) {
                            const std::size_t size = co_await echo.receive(buffer);
                            co_await echo.send(std::span(buffer).first(size));
                        }
                    },
                    std::move(answers)
                );
                for (int i = 0; i < 500; ++i) {
                    co_await asks.send(bytes_of(std::to_string(i)));
                    const std::string same = co_await receive_text(asks);
                    EXPECT_EQ(same, std::to_string(i));
                }
            },
            client,
            server
        );
    });
}

TEST(udp_socket_bind, names_the_address_that_is_taken) {
    const auto first = bind_to_loopback();
    try {
        (void)udp_socket::bind(first.local_endpoint());
        ADD_FAILURE() << "two sockets on one port";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::address_in_use);
        EXPECT_THAT(error.what(), HasSubstr(to_string(first.local_endpoint())));
    }
}

TEST(udp_socket_bind, does_not_block_and_does_not_cross_an_exec) {
    const auto bound = bind_to_loopback();
    EXPECT_NE(::fcntl(bound.native_handle(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(bound.native_handle(), F_GETFD) & FD_CLOEXEC, 0);
}

}  // namespace
}  // namespace amphi::net
