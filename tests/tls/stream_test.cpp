// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/io/lines.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/tls/context.hpp>
#include <amphi/tls/error.hpp>
#include <amphi/tls/stream.hpp>

#include "handshake.hpp"
#include "support/borrowed.hpp"
#include "support/lives.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace amphi::tls {
namespace {

using ::testing::HasSubstr;
using namespace amphi::testing;

static_assert(readable_stream<stream<>> && writable_stream<stream<>>);
static_assert(sendable<stream<>>);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

/// Bytes of which no part looks like another.
std::string varied(std::size_t size, std::uint32_t seed) {
    std::string made(size, '\0');
    for (char& each : made) {
        seed = seed * 1664525 + 1013904223;
        each = static_cast<char>(seed >> 24);
    }
    return made;
}

task<std::string> receive(stream<>& from, std::size_t size) {
    std::string got(size, '\0');
    co_await read_exactly(from, std::as_writable_bytes(std::span(got)));
    co_return got;
}

/// What reading on says: an error, or how much there was.
task<std::string> said_by_read(stream<>& from) {
    std::array<std::byte, 16> buffer{};
    try {
        const std::size_t count = co_await from.read_some(buffer);
        co_return std::to_string(count);
    } catch (const tls_error& error) {
        EXPECT_EQ(error.kind(), failure::truncated);
        co_return error.what();
    } catch (const std::system_error& error) {
        co_return error.what();
    }
}

class tls_stream : public each_life {
public:
    /// `body` gets the two ends of a connection.
    void with_pair(task<> (*body)(secure_pair&)) {
        run(
            [](client_context from, server_context to, task<> (*then)(secure_pair&)) -> task<> {
                secure_pair ends = co_await secured(std::move(from), std::move(to));
                co_await then(ends);
            },
            own.client(),
            own.server(),
            body
        );
    }

    const identity own;
};
INSTANTIATE_TEST_SUITE_P(lives, tls_stream, all_lives(), name_of_life);

TEST_P(tls_stream, carries_bytes_in_both_directions) {
    with_pair([](secure_pair& ends) -> task<> {
        const std::size_t size = co_await ends.client.write_some(bytes_of("hello"));
        EXPECT_EQ(size, 5U);
        const std::string request = co_await receive(ends.server, 5);
        EXPECT_EQ(request, "hello");
        co_await write_all(ends.server, bytes_of("good day"));
        // A record is read in parts.
        const std::string first = co_await receive(ends.client, 5);
        const std::string second = co_await receive(ends.client, 3);
        EXPECT_EQ(first + second, "good day");
        const std::size_t none = co_await ends.client.read_some({});
        EXPECT_EQ(none, 0U);
        const std::size_t nothing = co_await ends.client.write_some({});
        EXPECT_EQ(nothing, 0U);
    });
}

TEST_P(tls_stream, is_read_by_lines) {
    with_pair([](secure_pair& ends) -> task<> {
        co_await write_all(ends.client, bytes_of("one\ntwo\n"));
        co_await ends.client.shutdown();
        lines reader(ends.server);
        const auto first = co_await reader.next();
        const auto second = co_await reader.next();
        const auto end = co_await reader.next();
        EXPECT_EQ(first, "one");
        EXPECT_EQ(second, "two");
        EXPECT_EQ(end, std::nullopt);
    });
}

TEST_P(tls_stream, ends_in_one_direction_alone) {
    with_pair([](secure_pair& ends) -> task<> {
        co_await ends.client.shutdown();
        for (int i = 0; i < 2; ++i) {
            const std::string end = co_await said_by_read(ends.server);
            EXPECT_EQ(end, "0");
        }
        co_await write_all(ends.server, bytes_of("still here"));
        const std::string received = co_await receive(ends.client, 10);
        EXPECT_EQ(received, "still here");
        try {
            co_await write_all(ends.client, bytes_of("more"));
            ADD_FAILURE() << "it was written after the end";
        } catch (const tls_error& error) {
            EXPECT_THAT(error.what(), HasSubstr("shutdown"));
        }
        // The second time it says nothing new.
        co_await ends.client.shutdown();
    });
}

TEST_P(tls_stream, tells_an_end_that_was_not_announced) {
    with_pair([](secure_pair& ends) -> task<> {
        co_await write_all(ends.server, bytes_of("all of"));
        ends.server.socket().shutdown_write();
        const std::string received = co_await receive(ends.client, 6);
        EXPECT_EQ(received, "all of");
        for (int i = 0; i < 2; ++i) {
            const std::string end = co_await said_by_read(ends.client);
            EXPECT_EQ(end, "read from localhost: the connection ended without a close_notify");
        }
    });
}

TEST_P(tls_stream, passes_on_what_happens_to_the_connection_below) {
    with_pair([](secure_pair& ends) -> task<> {
        const linger at_once{1, 0};
        const int fd = ends.server.socket().native_handle();
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        ends.server.socket().close();
        const std::string said = co_await said_by_read(ends.client);
        EXPECT_THAT(said, HasSubstr("Connection reset"));
        // No SIGPIPE either.
        int error = 0;
        try {
            co_await write_all(ends.client, bytes_of("x"));
        } catch (const std::system_error& thrown) {
            error = thrown.code().value();
        }
        EXPECT_EQ(error, EPIPE);
    });
}

TEST_P(tls_stream, does_not_take_what_somebody_has_changed) {
    with_pair([](secure_pair& ends) -> task<> {
        // A record of application data that nobody has encrypted.
        constexpr std::string_view forged(
            "\x17\x03\x03\x00\x14"
            "aaaaaaaaaaaaaaaaaaaa",
            25
        );
        co_await write_all(ends.client.socket(), bytes_of(forged));
        try {
            std::array<std::byte, 16> buffer{};
            (void)co_await ends.server.read_some(buffer);
            ADD_FAILURE() << "it was taken";
        } catch (const tls_error& error) {
            EXPECT_EQ(error.kind(), failure::protocol);
            EXPECT_THAT(error.what(), HasSubstr("bad record mac"));
        }
    });
}

TEST_P(tls_stream, that_has_moved_says_so) {
    with_pair([](secure_pair& ends) -> task<> {
        const stream<> elsewhere = std::move(ends.client);
        EXPECT_EQ(elsewhere.version(), "TLSv1.3");
        const std::string said = co_await said_by_read(ends.client);
        EXPECT_THAT(said, HasSubstr("TLS stream that has moved"));
    });
}

constexpr std::size_t exchanged = (8 << 20) + 5;

task<> send_much(borrowed<stream<>> to, std::uint32_t seed) {
    const std::string bytes = varied(exchanged, seed);
    // In pieces of all sizes.
    std::size_t size = 1;
    for (std::size_t done = 0; done < bytes.size(); size = size % 100'000 + 977) {
        const auto piece = std::string_view(bytes).substr(done, size);
        co_await write_all(*to, bytes_of(piece));
        done += piece.size();
    }
    co_await to->shutdown();
}

task<> receive_much(borrowed<stream<>> from, std::uint32_t seed) {
    const std::string got = co_await receive(*from, exchanged);
    EXPECT_TRUE(got == varied(exchanged, seed));
    const std::string end = co_await said_by_read(*from);
    EXPECT_EQ(end, "0");
}

// Four tasks, on four threads where they are plain: the lock inside keeps OpenSSL's state whole.
TEST_P(tls_stream, is_read_by_one_task_while_another_writes) {
    with_pair([](secure_pair& ends) -> task<> {
        co_await scope(
            [](task_scope& jobs, secure_pair& both) -> task<> {
                (void)co_await jobs.spawn(send_much, both.client, std::uint32_t{1});
                (void)co_await jobs.spawn(send_much, both.server, std::uint32_t{2});
                (void)co_await jobs.spawn(receive_much, both.client, std::uint32_t{2});
                (void)co_await jobs.spawn(receive_much, both.server, std::uint32_t{1});
            },
            ends
        );
    });
}

}  // namespace
}  // namespace amphi::tls
