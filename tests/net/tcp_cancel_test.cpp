// SPDX-License-Identifier: BSL-1.0
// Cancels at each place where a TCP operation waits, and what is left afterwards.
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/timeout.hpp>

#include "support/cancel.hpp"
#include "support/full_listener.hpp"
#include "support/lives.hpp"
#include "support/tcp_pair.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace amphi::net {
namespace {

using testing::connected_pair;
using testing::expect_deadline_ends;
using testing::expect_stop_ends;
using testing::full_listener;
using testing::tcp_pair;

class tcp_cancel_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, tcp_cancel_test, testing::all_lives(), testing::name_of_life);

task<std::byte> read_one(tcp_stream& from) {
    std::array<std::byte, 1> byte{};
    co_await read_exactly(from, byte);
    co_return byte[0];
}

task<> write_for_ever(tcp_stream& to) {
    const std::vector<std::byte> bytes(256 << 10);
    for (;;)
        co_await write_all(to, bytes);
}

task<> accept_one(tcp_listener& from) {
    (void)co_await from.accept();
}

task<> connect_to(endpoint at) {
    (void)co_await tcp_stream::connect(at);
}

TEST_P(tcp_cancel_test, a_read_ends_and_loses_nothing) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        co_await expect_deadline_ends(read_one, between.server);
        const std::array<std::byte, 1> sent{std::byte{42}};
        co_await write_all(between.client, sent);
        const std::byte received = co_await read_one(between.server);
        EXPECT_EQ(received, sent[0]);
        co_await expect_stop_ends(read_one, std::move(between.server));
    });
}

// The peer has stopped reading: the socket's buffers fill up, then the write waits.
TEST_P(tcp_cancel_test, a_write_to_a_peer_that_has_stopped_ends) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        co_await expect_deadline_ends(write_for_ever, between.client);
        co_await expect_stop_ends(write_for_ever, std::move(between.client));
    });
}

TEST_P(tcp_cancel_test, an_accept_ends_and_loses_no_connection) {
    run([]() -> task<> {
        auto listener = tcp_listener::bind(endpoint::loopback(0));
        co_await expect_deadline_ends(accept_one, listener);
        const auto client = co_await tcp_stream::connect(listener.local_endpoint());
        const auto server = co_await listener.accept();
        EXPECT_EQ(server.remote_endpoint(), client.local_endpoint());
        co_await expect_stop_ends(accept_one, std::move(listener));
    });
}

TEST_P(tcp_cancel_test, a_connect_that_nobody_answers_ends) {
    run([]() -> task<> {
        full_listener busy;
        co_await busy.fill();
        endpoint at = busy.at();
        co_await expect_deadline_ends(connect_to, at);
        co_await expect_stop_ends(connect_to, at);
    });
}

TEST_P(tcp_cancel_test, a_task_that_was_stopped_before_begins_nothing) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        auto listener = tcp_listener::bind(endpoint::loopback(0));
        const auto pending = co_await tcp_stream::connect(listener.local_endpoint());
        const std::array<std::byte, 1> sent{std::byte{42}};
        co_await write_all(between.client, sent);

        // All of them could go ahead at once.
        constexpr auto passed = std::chrono::milliseconds(0);
        int refused = 0;
        try {
            (void)co_await timeout(passed, read_one, between.server);
        } catch (const timed_out&) {
            ++refused;
        }
        try {
            co_await timeout(passed, write_for_ever, between.client);
        } catch (const timed_out&) {
            ++refused;
        }
        try {
            co_await timeout(passed, accept_one, listener);
        } catch (const timed_out&) {
            ++refused;
        }
        try {
            co_await timeout(passed, connect_to, listener.local_endpoint());
        } catch (const timed_out&) {
            ++refused;
        }
        EXPECT_EQ(refused, 4);
        const std::byte received = co_await read_one(between.server);
        EXPECT_EQ(received, sent[0]);
    });
}

// Reads that are cancelled at the moment when bytes come, on sockets that are closed right after,
// whose numbers are used again by the next round: an event of the old one must find nobody.
TEST_P(tcp_cancel_test, a_number_used_again_while_events_are_under_way_is_harmless) {
    run([]() -> task<> {
        auto listener = tcp_listener::bind(endpoint::loopback(0));
        const std::array<std::byte, 1> sent{std::byte{42}};
        int reused = 0;
        int before = -1;
        for (int round = 0; round < 300; ++round) {
            auto client = co_await tcp_stream::connect(listener.local_endpoint());
            auto server = co_await listener.accept();
            reused += client.native_handle() == before ? 1 : 0;
            before = client.native_handle();
            try {
                (void)co_await timeout(std::chrono::microseconds(round % 40), read_one, client);
                ADD_FAILURE() << "a fresh connection had something to read";
            } catch (const timed_out&) {
            }
            co_await write_all(server, sent);
            if (round % 2 == 0) {
                const std::byte received = co_await read_one(client);
                EXPECT_EQ(received, sent[0]);
            }
        }
        EXPECT_GT(reused, 100);
    });
}

/// One connection for a reader and a writer at the same time.
class shared_stream {
public:
    explicit shared_stream(tcp_stream& of) noexcept : stream_(&of) {}
    [[nodiscard]] tcp_stream& get() const noexcept { return *stream_; }

private:
    tcp_stream* stream_;
};

}  // namespace
}  // namespace amphi::net

template <>
inline constexpr bool amphi::enable_sendable<amphi::net::shared_stream> = true;

namespace amphi::net {
namespace {

constexpr std::size_t exchanged = 4 << 20;

task<> send_much(shared_stream to) {
    const std::vector<std::byte> bytes(exchanged, std::byte{7});
    co_await write_all(to.get(), bytes);
}

task<> receive_much(shared_stream from) {
    std::vector<std::byte> bytes(exchanged);
    co_await read_exactly(from.get(), bytes);
    EXPECT_EQ(bytes.back(), std::byte{7});
}

TEST_P(tcp_cancel_test, one_task_reads_while_another_writes) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        co_await scope(
            [](task_scope& jobs, tcp_pair& ends) -> task<> {
                const std::array<tcp_stream*, 2> both{&ends.client, &ends.server};
                for (tcp_stream* const end : both) {
                    (void)co_await jobs.spawn(send_much, shared_stream(*end));
                    (void)co_await jobs.spawn(receive_much, shared_stream(*end));
                }
            },
            between
        );
    });
}

}  // namespace
}  // namespace amphi::net
