// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/sync/event.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include "support/borrowed.hpp"
#include "support/lives.hpp"
#include "support/tcp_pair.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
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
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace amphi::net {
namespace {

using testing::connected_pair;
using ::testing::HasSubstr;
using testing::tcp_pair;

static_assert(readable_stream<tcp_stream> && writable_stream<tcp_stream>);
static_assert(sendable<tcp_stream> && sendable<tcp_listener>);
static_assert(!std::is_copy_constructible_v<tcp_stream>);
static_assert(!std::is_aggregate_v<listen_options>);

class tcp_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, tcp_test, testing::all_lives(), testing::name_of_life);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

task<> send_text(tcp_stream& to, std::string_view text) {
    co_await write_all(to, bytes_of(text));
}

/// Reads until the peer shuts its side down.
task<std::string> receive_all(tcp_stream& from) {
    std::string received;
    std::array<char, 4096> buffer{};
    for (;;) {
        const std::size_t count =
            co_await from.read_some(std::as_writable_bytes(std::span(buffer)));
        if (count == 0) co_return received;
        received.append(buffer.data(), count);
    }
}

task<std::error_code> error_of_read(tcp_stream& from, std::string& said) {
    std::array<std::byte, 16> buffer{};
    try {
        (void)co_await from.read_some(buffer);
    } catch (const std::system_error& error) {
        said = error.what();
        co_return error.code();
    }
    co_return std::error_code();
}

void reset_on_close(const tcp_stream& stream) {
    const linger abort{1, 0};
    EXPECT_EQ(::setsockopt(stream.native_handle(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort), 0);
}

TEST_P(tcp_test, bytes_go_both_ways_until_each_side_shuts_down) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        co_await send_text(between.client, "question");
        between.client.shutdown_write();
        const std::string question = co_await receive_all(between.server);
        EXPECT_EQ(question, "question");
        co_await send_text(between.server, "answer");
        between.server.shutdown_write();
        const std::string answer = co_await receive_all(between.client);
        EXPECT_EQ(answer, "answer");
    });
}

TEST_P(tcp_test, the_end_is_told_again_at_each_read) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        co_await send_text(between.client, "last");
        between.client.close();
        for (const char* expected : {"last", "", ""}) {
            const std::string received = co_await receive_all(between.server);
            EXPECT_EQ(received, expected);
        }
    });
}

TEST_P(tcp_test, an_empty_buffer_transfers_nothing) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        const std::size_t written = co_await between.client.write_some({});
        EXPECT_EQ(written, 0U);
        co_await send_text(between.client, "x");
        const std::size_t read = co_await between.server.read_some({});
        EXPECT_EQ(read, 0U);
    });
}

TEST_P(tcp_test, a_head_and_a_body_leave_together) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        const std::size_t count =
            co_await between.client.write_some(bytes_of("head "), bytes_of("body"));
        EXPECT_EQ(count, 9U);
        std::array<std::byte, 64> buffer{};
        const std::size_t received = co_await between.server.read_some(buffer);
        EXPECT_EQ(received, 9U);
        EXPECT_EQ(std::memcmp(buffer.data(), "head body", 9), 0);
    });
}

std::vector<std::byte> pattern(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::byte>(i * 131 + (i >> 8));
    return bytes;
}

constexpr std::size_t more_than_a_socket_holds = 8 << 20;

task<>
send_pattern(tcp_stream to, std::size_t size, amphi::testing::borrowed<event> first_written) {
    const std::vector<std::byte> bytes = pattern(size);
    const std::size_t first = co_await to.write_some(bytes);
    EXPECT_LT(first, size) << "the socket took everything at once: no short write was met";
    first_written->set();
    co_await write_all(to, std::span(bytes).subspan(first));
}

TEST_P(tcp_test, more_than_the_socket_holds_is_written_in_parts) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        co_await scope(
            [](task_scope& jobs, tcp_pair& ends) -> task<> {
                event written;
                (void)co_await jobs.spawn(
                    send_pattern, std::move(ends.client), more_than_a_socket_holds, written
                );
                co_await written.wait();  // Who reads meanwhile makes room.
                std::vector<std::byte> received(more_than_a_socket_holds);
                co_await read_exactly(ends.server, received);
                EXPECT_TRUE(received == pattern(more_than_a_socket_holds));
            },
            between
        );
    });
}

TEST_P(tcp_test, a_reset_by_the_peer_names_it) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        const std::string peer = to_string(between.server.remote_endpoint());
        reset_on_close(between.client);
        between.client.close();
        std::string said;
        const std::error_code error = co_await error_of_read(between.server, said);
        EXPECT_EQ(error, std::errc::connection_reset);
        EXPECT_THAT(said, HasSubstr(peer));
    });
}

task<> write_until_it_fails(tcp_stream& to) {
    const std::vector<std::byte> bytes(64 << 10);
    for (;;)
        co_await write_all(to, bytes);
}

// A signal would end the program.
TEST_P(tcp_test, writing_to_a_peer_that_has_gone_is_an_error_and_no_signal) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        const std::string peer = to_string(between.server.remote_endpoint());
        between.client.close();
        std::string said;
        try {
            co_await write_until_it_fails(between.server);
        } catch (const std::system_error& error) {
            said = error.what();
            EXPECT_TRUE(
                error.code() == std::errc::broken_pipe ||
                error.code() == std::errc::connection_reset
            );
        }
        EXPECT_THAT(said, HasSubstr("write to " + peer));
    });
}

TEST_P(tcp_test, a_refused_connection_names_the_peer) {
    run([]() -> task<> {
        auto listener = tcp_listener::bind(endpoint::loopback(0));
        const endpoint nobody = listener.local_endpoint();
        listener.close();
        std::string said;
        try {
            (void)co_await tcp_stream::connect(nobody);
        } catch (const std::system_error& error) {
            said = error.what();
            EXPECT_EQ(error.code(), std::errc::connection_refused);
        }
        EXPECT_THAT(said, HasSubstr("connect to " + to_string(nobody)));
    });
}

TEST_P(tcp_test, each_end_knows_both) {
    run([]() -> task<> {
        const tcp_pair between = co_await connected_pair();
        EXPECT_EQ(between.client.local_endpoint(), between.server.remote_endpoint());
        EXPECT_EQ(between.client.remote_endpoint(), between.server.local_endpoint());
    });
}

bool has_no_delay(const tcp_stream& stream) {
    int value = -1;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(stream.native_handle(), IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
    return value != 0;
}

TEST_P(tcp_test, small_writes_leave_at_once_unless_told_otherwise) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        EXPECT_TRUE(has_no_delay(between.client));
        EXPECT_TRUE(has_no_delay(between.server));
        between.client.no_delay(false);
        EXPECT_FALSE(has_no_delay(between.client));
    });
}

TEST_P(tcp_test, sockets_do_not_block_and_do_not_cross_an_exec) {
    run([]() -> task<> {
        const auto listener = tcp_listener::bind(endpoint::loopback(0));
        const tcp_pair between = co_await connected_pair();
        for (const int fd :
             {listener.native_handle(),
              between.client.native_handle(),
              between.server.native_handle()}) {
            EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
            EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
        }
    });
}

TEST_P(tcp_test, a_closed_one_can_only_be_asked_whether_it_is) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        between.client.close();
        EXPECT_EQ(between.client.native_handle(), -1);
        EXPECT_THROW(between.client.shutdown_write(), std::system_error);
        std::string said;
        const std::error_code error = co_await error_of_read(between.client, said);
        EXPECT_EQ(error, std::errc::bad_file_descriptor);
    });
}

TEST_P(tcp_test, connections_over_ipv6_work_alike) {
    run([]() -> task<> {
        auto listener = tcp_listener::bind(endpoint::parse("[::1]:0"));
        tcp_stream client = co_await tcp_stream::connect(listener.local_endpoint());
        tcp_stream server = co_await listener.accept();
        EXPECT_TRUE(client.remote_endpoint().is_ipv6());
        EXPECT_EQ(client.local_endpoint(), server.remote_endpoint());
        co_await send_text(client, "six");
        client.close();
        const std::string received = co_await receive_all(server);
        EXPECT_EQ(received, "six");
    });
}

TEST(tcp_listener, names_the_address_that_is_taken) {
    const auto first = tcp_listener::bind(endpoint::loopback(0));
    try {
        (void)tcp_listener::bind(first.local_endpoint());
        ADD_FAILURE() << "two listeners on one port";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::address_in_use);
        EXPECT_THAT(error.what(), HasSubstr("listen on " + to_string(first.local_endpoint())));
    }
}

TEST(tcp_listener, shares_its_port_when_both_agree) {
    const auto shared = listen_options().reuse_port(true);
    const auto first = tcp_listener::bind(endpoint::loopback(0), shared);
    const auto second = tcp_listener::bind(first.local_endpoint(), shared);
    EXPECT_EQ(first.local_endpoint(), second.local_endpoint());
}

}  // namespace
}  // namespace amphi::net
