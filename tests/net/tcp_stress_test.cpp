// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/timeout.hpp>

#include "support/build.hpp"
#include "support/lives.hpp"
#include "support/seed.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace amphi::net {
namespace {

constexpr int connections = testing::sanitized ? 40 : 150;
constexpr int messages = testing::sanitized ? 15 : 40;
constexpr std::size_t message_max = 100'000;

class tcp_stress_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, tcp_stress_test, testing::all_lives(), testing::name_of_life);

task<> echo(tcp_stream stream) {
    co_await copy(stream, stream, 8192);
    stream.shutdown_write();
}

task<> serve(tcp_listener listener) {
    co_await scope(
        [](task_scope& jobs, tcp_listener& from) -> task<> {
            for (int i = 0; i < connections; ++i) {
                tcp_stream stream = co_await from.accept();
                (void)co_await jobs.spawn(echo, std::move(stream));
            }
        },
        listener
    );
}

task<> send(tcp_stream& to, std::span<const std::byte> bytes, std::size_t& sent) {
    while (sent < bytes.size())
        sent += co_await to.write_some(bytes.subspan(sent));
}

task<> receive(tcp_stream& from, std::span<std::byte> bytes, std::size_t& received) {
    while (received < bytes.size()) {
        const std::size_t count = co_await from.read_some(bytes.subspan(received));
        if (count == 0) throw end_of_stream(received, bytes.size());
        received += count;
    }
}

/// Sends messages of random length and compares what comes back, with deadlines that mostly pass:
/// whatever they cut short is taken up again, so a byte that a cancel loses shows as a difference.
task<> converse(endpoint at, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    tcp_stream stream = co_await tcp_stream::connect(at);
    for (int message = 0; message < messages; ++message) {
        std::vector<std::byte> out(1 + random() % (message % 8 == 0 ? message_max : 200));
        for (std::byte& byte : out)
            byte = static_cast<std::byte>(random());
        std::vector<std::byte> in(out.size());
        std::size_t sent = 0;
        std::size_t received = 0;
        while (received < in.size()) {
            const auto patience = std::chrono::microseconds(random() % 2'000);
            const auto write = [&] { return send(stream, out, sent); };
            const auto read = [&] { return receive(stream, std::span(in).first(sent), received); };
            try {
                co_await timeout(patience, write);
            } catch (const timed_out&) {
            }
            try {
                co_await timeout(patience, read);
            } catch (const timed_out&) {
            }
        }
        EXPECT_TRUE(in == out);
    }
    stream.shutdown_write();
    std::array<std::byte, 1> nothing{};
    const std::size_t end = co_await stream.read_some(nothing);
    EXPECT_EQ(end, 0U);
}

TEST_P(tcp_stress_test, no_byte_is_lost_among_many_connections_and_cancels) {
    const testing::seeded seeded;
    run(
        [](std::uint64_t seed) -> task<> {
            auto listener = tcp_listener::bind(endpoint::loopback(0));
            const endpoint at = listener.local_endpoint();
            co_await scope(
                [](task_scope& jobs, tcp_listener& from, const endpoint& to, std::uint64_t& first
                ) -> task<> {
                    (void)co_await jobs.spawn(serve, std::move(from));
                    for (int i = 0; i < connections; ++i)
                        (void)co_await jobs.spawn(converse, to, first + static_cast<unsigned>(i));
                },
                listener,
                at,
                seed
            );
        },
        seeded.seed()
    );
}

}  // namespace
}  // namespace amphi::net
