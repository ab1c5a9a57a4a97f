// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/io/lines.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/unix.hpp>
#include <amphi/net/unix_address.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
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
#include <sys/wait.h>
#include <unistd.h>

namespace amphi::net {
namespace {

using testing::expect_deadline_ends;
using testing::expect_stop_ends;
using ::testing::HasSubstr;
using testing::temp_folder;

static_assert(readable_stream<unix_stream> && writable_stream<unix_stream>);
static_assert(sendable<unix_stream> && sendable<unix_listener>);
static_assert(!std::is_copy_constructible_v<unix_stream>);

class unix_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, unix_test, testing::all_lives(), testing::name_of_life);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

task<std::string> receive_all(unix_stream& from) {
    std::string received;
    std::array<char, 64> buffer{};
    for (;;) {
        const std::size_t count =
            co_await from.read_some(std::as_writable_bytes(std::span(buffer)));
        if (count == 0) co_return received;
        received.append(buffer.data(), count);
    }
}

task<> converse(unix_address at) {
    auto listener = unix_listener::bind(at);
    auto client = co_await unix_stream::connect(listener.local_address());
    auto server = co_await listener.accept();
    co_await write_all(client, bytes_of("question"));
    client.shutdown_write();
    const std::string question = co_await receive_all(server);
    EXPECT_EQ(question, "question");
    const std::size_t count = co_await server.write_some(bytes_of("ans"), bytes_of("wer"));
    EXPECT_EQ(count, 6U);
    server.close();
    const std::string answer = co_await receive_all(client);
    EXPECT_EQ(answer, "answer");
}

TEST_P(unix_test, bytes_go_both_ways_by_path) {
    const temp_folder folder;
    run(converse, unix_address(folder / "socket"));
}

TEST_P(unix_test, bytes_go_both_ways_by_abstract_name) {
    run(converse, unix_address::abstract("amphi-test-" + std::to_string(::getpid())));
}

TEST_P(unix_test, without_a_name_the_system_picks_one) {
    run(converse, unix_address());
}

task<> write_lines(unix_stream to, int count) {
    for (int i = 0; i < count; ++i)
        co_await write_all(to, bytes_of("line\n"));
}

TEST_P(unix_test, what_works_on_streams_works_on_a_pair) {
    run([]() -> task<> {
        auto [one, other] = unix_stream::pair();
        std::pair<unix_stream, unix_stream> ends(std::move(one), std::move(other));
        co_await scope(
            [](task_scope& jobs, auto& between) -> task<> {
                (void)co_await jobs.spawn(write_lines, std::move(between.first), 1000);
                lines reader(between.second);
                int count = 0;
                for (;;) {
                    const auto line = co_await reader.next();
                    if (!line) break;
                    ++count;
                }
                EXPECT_EQ(count, 1000);
            },
            ends
        );
    });
}

task<> send_much(unix_stream to, std::size_t size) {
    const std::vector<std::byte> bytes(size, std::byte{7});
    co_await write_all(to, bytes);
}

TEST_P(unix_test, more_than_the_socket_holds_is_written_in_parts) {
    run([]() -> task<> {
        auto ends = unix_stream::pair();
        co_await scope(
            [](task_scope& jobs, auto& between) -> task<> {
                constexpr std::size_t size = 4 << 20;
                (void)co_await jobs.spawn(send_much, std::move(between.first), size);
                std::vector<std::byte> received(size);
                co_await read_exactly(between.second, received);
                EXPECT_EQ(received.back(), std::byte{7});
                const std::size_t after = co_await between.second.read_some(received);
                EXPECT_EQ(after, 0U);
            },
            ends
        );
    });
}

TEST_P(unix_test, the_peer_is_known_by_its_credentials) {
    run([]() -> task<> {
        auto listener = unix_listener::bind(unix_address());
        auto client = co_await unix_stream::connect(listener.local_address());
        auto server = co_await listener.accept();
        for (const unix_stream* end : {&client, &server}) {
            const peer_credentials who = end->credentials();
            EXPECT_EQ(who.pid(), ::getpid());
            EXPECT_EQ(who.uid(), ::geteuid());
            EXPECT_EQ(who.gid(), ::getegid());
        }
        EXPECT_EQ(client.remote_address(), listener.local_address());
        EXPECT_TRUE(server.remote_address().is_unnamed());
    });
}

task<std::string> failure_of_writing(unix_stream& to) {
    const std::vector<std::byte> bytes(64 << 10);
    try {
        for (;;)
            co_await write_all(to, bytes);
    } catch (const std::system_error& error) {
        co_return error.what();
    }
}

// A signal would end the program.
TEST_P(unix_test, writing_to_a_peer_that_has_gone_is_an_error_that_names_it) {
    const temp_folder folder;
    run(
        [](const unix_address& at) -> task<> {
            auto listener = unix_listener::bind(at);
            auto client = co_await unix_stream::connect(at);
            auto server = co_await listener.accept();
            client.close();
            const std::string said = co_await failure_of_writing(server);
            EXPECT_THAT(said, HasSubstr("write to a client of " + to_string(at)));
            auto second = co_await unix_stream::connect(at);
            auto gone = co_await listener.accept();
            gone.close();
            const std::string of_the_client = co_await failure_of_writing(second);
            EXPECT_THAT(of_the_client, HasSubstr("write to " + to_string(at)));
        },
        unix_address(folder / "socket")
    );
}

task<std::system_error> failure_of_connect(unix_address to) {
    try {
        (void)co_await unix_stream::connect(to);
    } catch (const std::system_error& error) {
        co_return error;
    }
    co_return std::system_error(std::error_code(), "connected");
}

TEST_P(unix_test, nobody_at_the_other_end_is_an_error_that_names_it) {
    const temp_folder folder;
    run(
        [](const std::string& path) -> task<> {
            const auto missing = co_await failure_of_connect(path);
            EXPECT_EQ(missing.code(), std::errc::no_such_file_or_directory);
            EXPECT_THAT(missing.what(), HasSubstr("connect to " + path));
            std::ofstream(path) << "a file";
            const auto no_socket = co_await failure_of_connect(path);
            EXPECT_EQ(no_socket.code(), std::errc::connection_refused);
        },
        (folder / "socket").string()
    );
}

TEST_P(unix_test, a_full_queue_is_told_at_once) {
    run([]() -> task<> {
        auto listener = unix_listener::bind(unix_address(), 0);
        std::vector<unix_stream> waiting;
        bool full = false;
        for (int i = 0; i < 10 && !full; ++i) {
            try {
                auto taken = co_await unix_stream::connect(listener.local_address());
                waiting.push_back(std::move(taken));
            } catch (const std::system_error& error) {
                full = true;
                EXPECT_EQ(error.code(), std::errc::resource_unavailable_try_again);
                EXPECT_THAT(error.what(), HasSubstr("whose queue is full"));
            }
        }
        EXPECT_TRUE(full);
    });
}

task<> read_one(unix_stream& from) {
    std::array<std::byte, 1> byte{};
    co_await read_exactly(from, byte);
}
task<> receive_one(unix_stream& from) {
    std::array<std::byte, 1> byte{};
    (void)co_await from.receive_descriptors(byte);
}
task<> write_for_ever(unix_stream& to) {
    const std::vector<std::byte> bytes(256 << 10);
    for (;;)
        co_await write_all(to, bytes);
}
task<> send_for_ever(unix_stream& to) {
    const std::vector<std::byte> bytes(64 << 10);
    const std::array<int, 1> passed{to.native_handle()};
    for (;;)
        (void)co_await to.send_descriptors(bytes, passed);
}
task<> accept_one(unix_listener& from) {
    (void)co_await from.accept();
}

TEST_P(unix_test, a_read_that_is_cut_short_loses_nothing) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        co_await expect_deadline_ends(read_one, here);
        co_await expect_deadline_ends(receive_one, here);
        co_await write_all(there, bytes_of("xy"));
        co_await read_one(here);
        co_await receive_one(here);
        co_await expect_stop_ends(receive_one, std::move(here));
        auto second = unix_stream::pair();
        co_await expect_stop_ends(read_one, std::move(second.first));
    });
}

TEST_P(unix_test, a_write_to_a_peer_that_has_stopped_ends) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        co_await expect_deadline_ends(write_for_ever, here);
        co_await expect_stop_ends(write_for_ever, std::move(here));
    });
}

TEST_P(unix_test, sending_descriptors_to_a_peer_that_has_stopped_ends) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        co_await expect_deadline_ends(send_for_ever, here);
        co_await expect_stop_ends(send_for_ever, std::move(here));
    });
}

TEST_P(unix_test, an_accept_ends_and_loses_no_connection) {
    run([]() -> task<> {
        auto listener = unix_listener::bind(unix_address());
        co_await expect_deadline_ends(accept_one, listener);
        auto client = co_await unix_stream::connect(listener.local_address());
        auto server = co_await listener.accept();
        co_await write_all(client, bytes_of("x"));
        co_await read_one(server);
        co_await expect_stop_ends(accept_one, std::move(listener));
    });
}

TEST_P(unix_test, a_closed_one_can_only_be_asked_whether_it_is) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        here.close();
        EXPECT_EQ(here.native_handle(), -1);
        EXPECT_THROW(here.shutdown_write(), std::system_error);
        EXPECT_THROW((void)here.credentials(), std::system_error);
        const std::string said = co_await failure_of_writing(here);
        EXPECT_THAT(said, HasSubstr("use a Unix stream that is closed"));
    });
}

TEST(unix_pair, does_not_block_and_does_not_cross_an_exec) {
    const auto [here, there] = unix_stream::pair();
    for (const int fd : {here.native_handle(), there.native_handle()}) {
        EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
        EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    }
}

std::string failure_of_bind(const std::string& path) {
    try {
        (void)unix_listener::bind(path);
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::address_in_use);
        return error.what();
    }
    return "bound";
}

TEST(unix_listener, removes_its_file_when_it_is_closed) {
    const temp_folder folder;
    const std::filesystem::path path = folder / "socket";
    auto listener = unix_listener::bind(path);
    EXPECT_TRUE(std::filesystem::is_socket(path));
    auto moved = std::move(listener);
    EXPECT_TRUE(std::filesystem::is_socket(path));
    moved.close();
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(unix_listener, removes_no_file_that_another_has_put_in_the_place_of_its_own) {
    const temp_folder folder;
    const std::filesystem::path path = folder / "socket";
    auto first = unix_listener::bind(path);
    std::filesystem::remove(path);
    auto second = unix_listener::bind(path);
    first.close();
    EXPECT_TRUE(std::filesystem::is_socket(path));
    second.close();
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(unix_listener, leaves_its_file_to_the_process_that_has_made_it) {
    const temp_folder folder;
    const std::filesystem::path path = folder / "socket";
    auto listener = unix_listener::bind(path);
    const pid_t child = ::fork();
    if (child == 0) {
        listener.close();
        ::_exit(0);
    }
    int status = -1;
    while (::waitpid(child, &status, 0) < 0)
        ASSERT_EQ(errno, EINTR);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(std::filesystem::is_socket(path));
}

TEST(unix_listener, says_what_is_in_its_place) {
    const temp_folder folder;
    const std::string path = (folder / "socket").string();
    {
        const auto listening = unix_listener::bind(path);
        const std::string said = failure_of_bind(path);
        EXPECT_THAT(said, HasSubstr("listen on " + path));
        EXPECT_EQ(said.find("remove it"), std::string::npos) << said;
    }
    std::ofstream(path) << "a file";
    EXPECT_THAT(failure_of_bind(path), HasSubstr("is no socket"));
    std::filesystem::remove(path);

    // A child that ends without closing leaves its file behind.
    const pid_t child = ::fork();
    if (child == 0) {
        const auto left = unix_listener::bind(path);
        ::_exit(0);
    }
    int status = -1;
    while (::waitpid(child, &status, 0) < 0)
        ASSERT_EQ(errno, EINTR);
    EXPECT_THAT(failure_of_bind(path), HasSubstr(path + " (the file is there, and nobody"));
    EXPECT_TRUE(std::filesystem::is_socket(path)) << "it was removed unasked";
}

}  // namespace
}  // namespace amphi::net
