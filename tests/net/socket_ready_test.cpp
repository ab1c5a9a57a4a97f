// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/socket_ready.hpp>
#include <amphi/net/unix.hpp>
#include <amphi/net/unix_address.hpp>
#include <amphi/sync/event.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace amphi::net {
namespace {

using namespace std::chrono_literals;
using testing::borrowed;
using testing::expect_deadline_ends;
using testing::expect_stop_ends;

class socket_ready_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, socket_ready_test, testing::all_lives(), testing::name_of_life);

constexpr std::array<std::byte, 3> three{};

task<> write_when_told(unix_stream to, borrowed<event> told) {
    co_await told->wait();
    co_await write_all(to, three);
    co_await told->wait();
}

TEST_P(socket_ready_test, the_socket_wins_when_something_comes_and_time_when_not) {
    run([]() -> task<> {
        auto ends = unix_stream::pair();
        co_await scope(
            [](task_scope& jobs, auto& between) -> task<> {
                unix_stream& reader = between.second;
                const auto quiet = co_await select(reader.readable(), sleep_for(3ms));
                EXPECT_EQ(quiet.index(), 1U);
                event told;
                auto writes = co_await jobs.spawn(write_when_told, std::move(between.first), told);
                told.set();
                const auto came = co_await select(sleep_until(never), reader.readable());
                EXPECT_EQ(came.index(), 1U);
                // Nothing was taken: it is still ready, and all of it is there.
                co_await reader.readable();
                std::array<std::byte, 16> buffer{};
                const std::size_t count = co_await reader.read_some(buffer);
                EXPECT_EQ(count, 3U);
                co_await writes.join();
                co_await reader.readable();
                const std::size_t after = co_await reader.read_some(buffer);
                EXPECT_EQ(after, 0U);
            },
            ends
        );
    });
}

// A read that was cut short has noted that the next one waits; the edge that this would wait for is
// taken by the wait for readiness in between.
TEST_P(socket_ready_test, a_read_after_it_tries_first) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        const auto read = [](unix_stream& from) -> task<std::size_t> {
            std::array<std::byte, 16> buffer{};
            const std::size_t count = co_await from.read_some(buffer);
            co_return count;
        };
        for (int i = 0; i < 3; ++i) {
            co_await expect_deadline_ends(read, here);
            co_await write_all(there, three);
            co_await here.readable();
            const std::size_t count = co_await read(here);
            EXPECT_EQ(count, 3U);
        }
    });
}

task<> wait_readable(unix_stream& of) {
    co_await of.readable();
}
task<> wait_writable(unix_stream& of) {
    co_await of.writable();
}

/// Fills what the peer does not read.
task<> fill(unix_stream& to) {
    const std::vector<std::byte> bytes(64 << 10);
    for (;;)
        (void)co_await to.write_some(bytes);
}

TEST_P(socket_ready_test, each_direction_can_be_cut_short) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        co_await here.writable();
        co_await expect_deadline_ends(wait_readable, here);
        co_await expect_deadline_ends(fill, here);
        co_await expect_deadline_ends(wait_writable, here);
        std::vector<std::byte> drained(1 << 20);
        (void)co_await there.read_some(drained);
        co_await here.writable();
        co_await expect_deadline_ends(fill, here);
        co_await expect_stop_ends(wait_writable, std::move(here));
        unix_stream quiet = std::move(unix_stream::pair().first);
        co_await quiet.readable();  // its peer has gone: the end can be read
    });
}

task<> connect_when_told(unix_address to, borrowed<event> told) {
    co_await told->wait();
    (void)co_await unix_stream::connect(to);
}

TEST_P(socket_ready_test, a_listener_is_ready_when_somebody_connects) {
    run([]() -> task<> {
        auto listener = unix_listener::bind(unix_address());
        co_await scope(
            [](task_scope& jobs, unix_listener& from) -> task<> {
                event told;
                (void)co_await jobs.spawn(connect_when_told, from.local_address(), told);
                const auto quiet = co_await select(from.readable(), sleep_for(2ms));
                EXPECT_EQ(quiet.index(), 1U);
                told.set();
                const auto came = co_await select(from.readable(), sleep_until(never));
                EXPECT_EQ(came.index(), 0U);
                (void)co_await from.accept();
            },
            listener
        );
    });
}

}  // namespace
}  // namespace amphi::net
