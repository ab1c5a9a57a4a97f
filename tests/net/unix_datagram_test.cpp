// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/net/unix_address.hpp>
#include <amphi/net/unix_datagram.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::net {
namespace {

using namespace std::chrono_literals;
using testing::borrowed;
using testing::expect_deadline_ends;
using testing::expect_stop_ends;
using ::testing::HasSubstr;
using testing::temp_folder;

static_assert(sendable<unix_datagram>);
static_assert(!std::is_copy_constructible_v<unix_datagram>);

class unix_datagram_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, unix_datagram_test, testing::all_lives(), testing::name_of_life);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

task<std::string> receive_text(unix_datagram& from) {
    std::array<char, 64> buffer{};
    const std::size_t size = co_await from.receive(std::as_writable_bytes(std::span(buffer)));
    co_return std::string(buffer.data(), size);
}

task<> exchange(unix_address at, unix_address client_at) {
    auto server = unix_datagram::bind(at);
    auto client = unix_datagram::bind(client_at);
    co_await client.send_to(bytes_of("question"), server.local_address());
    std::array<std::byte, 4> buffer{};
    const auto question = co_await server.receive_from(buffer);
    EXPECT_EQ(question.size(), 4U);
    EXPECT_EQ(question.sent_size(), 8U);
    EXPECT_TRUE(question.truncated());
    EXPECT_EQ(question.from(), client.local_address());
    co_await server.send_to(bytes_of("answer"), question.from());
    const std::string answer = co_await receive_text(client);
    EXPECT_EQ(answer, "answer");
    client.connect(server.local_address());
    EXPECT_EQ(client.remote_address(), server.local_address());
    co_await client.send(bytes_of(""));
    const auto empty = co_await server.receive_from(buffer);
    EXPECT_EQ(empty.size(), 0U);
    EXPECT_EQ(empty.from(), client.local_address());
}

TEST_P(unix_datagram_test, a_datagram_and_its_answer_by_path) {
    const temp_folder folder;
    run(exchange, unix_address(folder / "server"), unix_address(folder / "client"));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "a file was left";
}

TEST_P(unix_datagram_test, by_names_that_the_system_picks) {
    run(exchange, unix_address(), unix_address());
}

TEST_P(unix_datagram_test, who_has_no_name_can_send) {
    run([]() -> task<> {
        auto server = unix_datagram::bind(unix_address());
        auto client = unix_datagram::unbound();
        co_await client.send_to(bytes_of("x"), server.local_address());
        std::array<std::byte, 4> buffer{};
        const auto received = co_await server.receive_from(buffer);
        EXPECT_EQ(received.size(), 1U);
        EXPECT_TRUE(received.from().is_unnamed());
    });
}

task<> send_numbers(unix_datagram to, int count) {
    for (int i = 0; i < count; ++i)
        co_await to.send(bytes_of(std::to_string(i)));
}

task<> send_numbers_to(unix_address to, int count) {
    auto from = unix_datagram::unbound();
    for (int i = 0; i < count; ++i)
        co_await from.send_to(bytes_of(std::to_string(i)), to);
}

task<> expect_numbers(unix_datagram& from, int count) {
    for (int i = 0; i < count; ++i) {
        const std::string number = co_await receive_text(from);
        EXPECT_EQ(number, std::to_string(i));
    }
}

// More than a queue holds: the sender waits for room, and none is lost.
constexpr int more_than_a_queue_holds = 5000;

TEST_P(unix_datagram_test, a_sender_waits_for_room_and_the_order_stays) {
    run([]() -> task<> {
        auto ends = unix_datagram::pair();
        co_await scope(
            [](task_scope& jobs, auto& between) -> task<> {
                (void)co_await jobs.spawn(
                    send_numbers, std::move(between.first), more_than_a_queue_holds
                );
                co_await expect_numbers(between.second, more_than_a_queue_holds);
            },
            ends
        );
    });
}

TEST_P(unix_datagram_test, so_does_one_that_is_not_connected) {
    run([]() -> task<> {
        auto receiver = unix_datagram::bind(unix_address());
        co_await scope(
            [](task_scope& jobs, unix_datagram& at) -> task<> {
                (void
                )co_await jobs.spawn(send_numbers_to, at.local_address(), more_than_a_queue_holds);
                co_await expect_numbers(at, more_than_a_queue_holds);
            },
            receiver
        );
    });
}

task<> receive_one(unix_datagram& from) {
    std::array<std::byte, 1> buffer{};
    (void)co_await from.receive(buffer);
}
task<> receive_one_from(unix_datagram& from) {
    std::array<std::byte, 1> buffer{};
    (void)co_await from.receive_from(buffer);
}
task<> send_for_ever(unix_datagram& to) {
    for (;;)
        co_await to.send(bytes_of("x"));
}
task<> send_for_ever_to(unix_address& to) {
    auto from = unix_datagram::unbound();
    for (;;)
        co_await from.send_to(bytes_of("x"), to);
}
task<> wait_writable(unix_datagram& of) {
    co_await of.writable();
}

TEST_P(unix_datagram_test, each_wait_can_be_cut_short) {
    run([]() -> task<> {
        auto [here, there] = unix_datagram::pair();
        co_await expect_deadline_ends(receive_one, here);
        co_await expect_deadline_ends(receive_one_from, here);
        co_await there.send(bytes_of("kept"));
        const std::string kept = co_await receive_text(here);
        EXPECT_EQ(kept, "kept");
        co_await expect_deadline_ends(send_for_ever, here);
        co_await expect_deadline_ends(wait_writable, here);
        co_await expect_stop_ends(send_for_ever, std::move(here));

        auto receiver = unix_datagram::bind(unix_address());
        auto to = receiver.local_address();
        co_await expect_deadline_ends(send_for_ever_to, to);
        co_await expect_stop_ends(send_for_ever_to, to);
        auto quiet = unix_datagram::pair();
        co_await expect_stop_ends(receive_one, std::move(quiet.first));
        co_await expect_stop_ends(receive_one_from, std::move(quiet.second));
    });
}

TEST_P(unix_datagram_test, readiness_can_be_selected) {
    run([]() -> task<> {
        auto [here, there] = unix_datagram::pair();
        const auto quiet = co_await select(here.readable(), sleep_for(1ms));
        EXPECT_EQ(quiet.index(), 1U);
        co_await there.send(bytes_of("x"));
        const auto came = co_await select(sleep_until(never), here.readable());
        EXPECT_EQ(came.index(), 1U);
        const std::string text = co_await receive_text(here);
        EXPECT_EQ(text, "x");
        const auto room = co_await select(here.writable(), sleep_until(never));
        EXPECT_EQ(room.index(), 0U);
    });
}

task<std::system_error> failure_of_sending(unix_datagram& from, std::size_t size, bool connected) {
    const std::vector<std::byte> bytes(size);
    try {
        if (connected)
            co_await from.send(bytes);
        else
            co_await from.send_to(bytes, "/nowhere/socket");
    } catch (const std::system_error& error) {
        co_return error;
    }
    co_return std::system_error(std::error_code(), "sent");
}

TEST_P(unix_datagram_test, failures_say_what_was_sent_where) {
    const temp_folder folder;
    run(
        [](const std::string& path) -> task<> {
            auto server = unix_datagram::bind(path);
            auto client = unix_datagram::unbound();
            const auto alone = co_await failure_of_sending(client, 1, true);
            EXPECT_EQ(alone.code(), std::errc::not_connected);
            const auto nowhere = co_await failure_of_sending(client, 1, false);
            EXPECT_EQ(nowhere.code(), std::errc::no_such_file_or_directory);
            EXPECT_THAT(nowhere.what(), HasSubstr("send 1 bytes to /nowhere/socket"));
            client.connect(path);
            const auto too_long = co_await failure_of_sending(client, 32 << 20, true);
            EXPECT_EQ(too_long.code(), std::errc::message_size);
            EXPECT_THAT(too_long.what(), HasSubstr("send 33554432 bytes to " + path));
            server.close();
            const auto gone = co_await failure_of_sending(client, 1, true);
            EXPECT_EQ(gone.code(), std::errc::connection_refused);
        },
        (folder / "socket").string()
    );
}

TEST(unix_datagram_bind, says_what_is_in_its_place_and_removes_its_own_file_only) {
    const temp_folder folder;
    const std::string path = (folder / "socket").string();
    auto first = unix_datagram::bind(path);
    try {
        (void)unix_datagram::bind(path);
        ADD_FAILURE() << "two sockets at one path";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::address_in_use);
        EXPECT_THAT(error.what(), HasSubstr("bind a Unix datagram socket to " + path));
    }
    EXPECT_TRUE(std::filesystem::is_socket(path));
    first.close();
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace amphi::net
