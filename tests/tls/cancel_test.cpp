// SPDX-License-Identifier: BSL-1.0
// Cancels at each place where TLS waits, and what is left afterwards.
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/net/unix.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/timeout.hpp>
#include <amphi/tls.hpp>

#include "handshake.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace amphi::tls {
namespace {

using namespace amphi::testing;
using namespace std::chrono_literals;

class tls_cancel : public each_life {
public:
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
INSTANTIATE_TEST_SUITE_P(lives, tls_cancel, all_lives(), name_of_life);

task<> connect_over(net::tcp_stream& to, client_context& how) {
    (void)co_await connect(std::move(to), "localhost", how);
}

task<> accept_over(net::tcp_stream& from, server_context& how) {
    (void)co_await accept(std::move(from), how);
}

TEST_P(tls_cancel, a_handshake_with_a_server_that_is_silent_ends) {
    run(
        [](client_context how) -> task<> {
            tcp_pair first = co_await connected_pair();
            co_await expect_deadline_ends(connect_over, first.client, how);
            tcp_pair second = co_await connected_pair();
            co_await expect_stop_ends(connect_over, std::move(second.client), how);
            // The stream went with it.
            std::array<std::byte, 4096> buffer{};
            std::size_t count = 1;
            while (count > 0)
                count = co_await second.server.read_some(buffer);
        },
        own.client()
    );
}

TEST_P(tls_cancel, a_handshake_with_a_server_that_stops_in_its_midst_ends) {
    run(
        [](client_context how) -> task<> {
            constexpr std::string_view begun("\x16\x03\x03\x01\x00\x02\x00\x00\xfc", 9);
            tcp_pair between = co_await connected_pair();
            co_await write_all(between.server, std::as_bytes(std::span(begun)));
            co_await expect_deadline_ends(connect_over, between.client, how);
        },
        own.client()
    );
}

TEST_P(tls_cancel, a_handshake_with_a_client_that_is_silent_ends) {
    run(
        [](server_context how) -> task<> {
            tcp_pair first = co_await connected_pair();
            co_await expect_deadline_ends(accept_over, first.server, how);
            tcp_pair second = co_await connected_pair();
            co_await expect_stop_ends(accept_over, std::move(second.server), how);
            // As users write it.
            tcp_pair third = co_await connected_pair();
            try {
                (void)co_await timeout(5ms, accept, std::move(third.server), how);
                ADD_FAILURE() << "it was accepted";
            } catch (const timed_out&) {
            }
        },
        own.server()
    );
}

task<std::string> read_word(stream<>& from) {
    std::string got(4, '\0');
    co_await read_exactly(from, std::as_writable_bytes(std::span(got)));
    co_return got;
}

TEST_P(tls_cancel, a_read_ends_and_loses_nothing) {
    with_pair([](secure_pair& ends) -> task<> {
        constexpr std::string_view words = "onetwo..";
        for (int i = 0; i < 3; ++i)
            co_await expect_deadline_ends(read_word, ends.server);
        co_await write_all(ends.client, std::as_bytes(std::span(words)));
        const std::string first = co_await read_word(ends.server);
        const std::string second = co_await read_word(ends.server);
        EXPECT_EQ(first + second, words);
        // What the connection has brought already is not read after a stop.
        co_await write_all(ends.client, std::as_bytes(std::span(words)));
        const std::string third = co_await read_word(ends.server);
        EXPECT_EQ(third, "onet");
        EXPECT_THROW((void)co_await timeout(0ms, read_word, ends.server), timed_out);
        const std::string fourth = co_await read_word(ends.server);
        EXPECT_EQ(fourth, "wo..");
        co_await expect_stop_ends(read_word, std::move(ends.server));
    });
}

template <class Carrier>
task<> write_for_ever(stream<Carrier>& to) {
    const std::string bytes(100'000, 'x');
    for (;;)
        co_await write_all(to, std::as_bytes(std::span(bytes)));
}

// A part of a record has gone then; the rest goes before the next one, so that nothing is garbled.
TEST_P(tls_cancel, a_write_ends_and_leaves_the_records_in_order) {
    with_pair([](secure_pair& ends) -> task<> {
        for (int i = 0; i < 3; ++i)
            co_await expect_deadline_ends(write_for_ever<net::tcp_stream>, ends.client);
        co_await scope(
            [](task_scope& jobs, secure_pair& both) -> task<> {
                auto last = co_await jobs.spawn(
                    [](stream<> to) -> task<> {
                        constexpr std::string_view end = "end";
                        co_await write_all(to, std::as_bytes(std::span(end)));
                        co_await to.shutdown();
                    },
                    std::move(both.client)
                );
                std::string got;
                std::string buffer(1 << 16, '\0');
                for (;;) {
                    const std::size_t count =
                        co_await both.server.read_some(std::as_writable_bytes(std::span(buffer)));
                    if (count == 0) break;
                    got.append(buffer, 0, count);
                }
                co_await last.join();
                EXPECT_GT(got.size(), 100'000U);
                EXPECT_EQ(got.find("end"), got.size() - 3);
                EXPECT_EQ(got.find_first_not_of('x'), got.size() - 3);
            },
            ends
        );
    });
}

task<> write_once(stream<>& to) {
    (void)co_await to.write_some(std::as_bytes(std::span(std::string_view("lost"))));
}

TEST_P(tls_cancel, a_task_that_was_stopped_before_writes_nothing) {
    with_pair([](secure_pair& ends) -> task<> {
        EXPECT_THROW(co_await timeout(0ms, write_once, ends.client), timed_out);
        constexpr std::string_view word = "kept";
        co_await write_all(ends.client, std::as_bytes(std::span(word)));
        const std::string received = co_await read_word(ends.server);
        EXPECT_EQ(received, word);
    });
}

TEST_P(tls_cancel, a_write_to_a_peer_that_does_not_read_ends_by_a_stop) {
    with_pair([](secure_pair& ends) -> task<> {
        co_await expect_stop_ends(write_for_ever<net::tcp_stream>, std::move(ends.client));
    });
}

task<> shut_down(stream<net::unix_stream>& ended) {
    co_await ended.shutdown();
}

// Over a Unix socket, whose buffer does not grow while it is full.
TEST_P(tls_cancel, a_shutdown_towards_a_peer_that_does_not_read_ends) {
    run(
        [](client_context from, server_context to) -> task<> {
            auto ends = net::unix_stream::pair();
            auto both = co_await handshake_over(
                std::move(ends.first),
                std::move(ends.second),
                std::move(from),
                std::move(to),
                "localhost"
            );
            co_await expect_deadline_ends(write_for_ever<net::unix_stream>, *both.client.stream);
            co_await expect_deadline_ends(shut_down, *both.client.stream);
        },
        own.client(),
        own.server()
    );
}

}  // namespace
}  // namespace amphi::tls
