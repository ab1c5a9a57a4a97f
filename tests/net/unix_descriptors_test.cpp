// SPDX-License-Identifier: BSL-1.0
// Descriptors that are passed over a Unix stream, and those that must not leak.
#include <amphi/base/descriptor.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/unix.hpp>
#include <amphi/task/task.hpp>

#include "support/lives.hpp"
#include "support/open_descriptors.hpp"
#include "support/pipe.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace amphi::net {
namespace {

using ::testing::HasSubstr;
using testing::pipe_ends;
using testing::pipe_writer;

class unix_descriptors_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, unix_descriptors_test, testing::all_lives(), testing::name_of_life);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

task<std::string> failure_of_receiving(unix_stream& from, std::size_t count_max) {
    std::array<std::byte, 16> buffer{};
    try {
        (void)co_await from.receive_descriptors(buffer, count_max);
    } catch (const std::system_error& error) {
        co_return error.what();
    }
    co_return "received";
}

TEST_P(unix_descriptors_test, a_pipe_goes_through_a_socket) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        pipe_ends pipe;
        const std::array<int, 2> passed{pipe.reader.fd(), pipe.writer.fd()};
        const std::size_t sent = co_await here.send_descriptors(bytes_of("two"), passed);
        EXPECT_EQ(sent, 3U);
        pipe.writer.close();

        std::array<std::byte, 16> buffer{};
        auto received = co_await there.receive_descriptors(buffer);
        EXPECT_EQ(received.size(), 3U);
        EXPECT_EQ(received.descriptors.size(), 2U);
        if (received.descriptors.size() != 2) co_return;
        for (const descriptor& each : received.descriptors)
            EXPECT_NE(::fcntl(each.get(), F_GETFD) & FD_CLOEXEC, 0);
        const pipe_writer writer(std::move(received.descriptors[1]));
        writer.write_now("through");
        const std::size_t count = co_await pipe.reader.read_some(buffer);
        EXPECT_EQ(count, 7U);
    });
}

TEST_P(unix_descriptors_test, each_comes_with_the_bytes_that_it_was_sent_with) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        const pipe_ends pipe;
        const std::array<int, 1> passed{pipe.reader.fd()};
        co_await write_all(here, bytes_of("before "));
        for (int i = 0; i < 2; ++i)
            (void)co_await here.send_descriptors(bytes_of("with "), passed);
        co_await write_all(here, bytes_of("after"));
        here.close();

        std::size_t bytes = 0;
        std::size_t descriptors = 0;
        for (;;) {
            std::array<std::byte, 64> buffer{};
            const auto received = co_await there.receive_descriptors(buffer, 1);
            if (received.size() == 0) break;
            bytes += received.size();
            descriptors += received.descriptors.size();
        }
        EXPECT_EQ(bytes, 22U);
        EXPECT_EQ(descriptors, 2U);
    });
}

// A read stops in front of descriptors, which says nothing about what is behind them. On async the
// next one must not wait for an event that has come already.
TEST_P(unix_descriptors_test, a_plain_read_closes_them_and_goes_on) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        std::array<std::byte, 64> buffer{};
        co_await write_all(here, bytes_of("x"));
        (void)co_await there.read_some(buffer);
        const std::size_t before = testing::open_descriptors();
        const pipe_ends pipe;
        const std::array<int, 2> passed{pipe.reader.fd(), pipe.writer.fd()};
        for (int i = 0; i < 5; ++i)
            (void)co_await here.send_descriptors(bytes_of("12345"), passed);
        std::size_t bytes = 0;
        while (bytes < 25) {
            const std::size_t count = co_await there.read_some(buffer);
            bytes += count;
        }
        EXPECT_EQ(testing::open_descriptors(), before + 2);
    });
}

TEST_P(unix_descriptors_test, more_than_asked_for_are_closed_and_told) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        const pipe_ends pipe;
        const std::array<int, 3> passed{pipe.reader.fd(), pipe.writer.fd(), pipe.reader.fd()};
        (void)co_await here.send_descriptors(bytes_of("x"), passed);
        const std::size_t before = testing::open_descriptors();
        const std::string said = co_await failure_of_receiving(there, 2);
        EXPECT_THAT(said, HasSubstr("receive at most 2 descriptors from"));
        EXPECT_EQ(testing::open_descriptors(), before);
        co_await write_all(here, bytes_of("goes on"));
        std::array<std::byte, 64> buffer{};
        const std::size_t count = co_await there.read_some(buffer);
        EXPECT_EQ(count, 7U);
    });
}

TEST_P(unix_descriptors_test, without_room_for_them_none_stays_open) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        const pipe_ends pipe;
        const std::array<int, 3> passed{pipe.reader.fd(), pipe.writer.fd(), pipe.reader.fd()};
        (void)co_await here.send_descriptors(bytes_of("x"), passed);
        const std::size_t before = testing::open_descriptors();
        // The lowest free number is below the limit, the one after it is not.
        rlimit usual{};
        EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
        const descriptor lowest(::fcntl(0, F_DUPFD_CLOEXEC, 0));
        rlimit low = usual;
        low.rlim_cur = static_cast<rlim_t>(lowest.get());
        EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
        const std::string said = co_await failure_of_receiving(there, 16);
        EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
        EXPECT_THAT(said, HasSubstr("ulimit -n"));
        EXPECT_EQ(testing::open_descriptors(), before + 1);
    });
}

task<std::error_code>
error_of_sending(unix_stream& to, std::string_view text, std::vector<int> passed) {
    try {
        (void)co_await to.send_descriptors(bytes_of(text), passed);
    } catch (const std::system_error& error) {
        co_return error.code();
    }
    co_return std::error_code();
}

TEST_P(unix_descriptors_test, what_cannot_be_passed_is_refused) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        const std::vector<int> open{here.native_handle()};
        const std::vector<int> closed{here.native_handle(), -1};
        const auto without_byte = co_await error_of_sending(here, "", open);
        EXPECT_EQ(without_byte, std::errc::invalid_argument);
        const auto not_open = co_await error_of_sending(here, "x", closed);
        EXPECT_EQ(not_open, std::errc::bad_file_descriptor);
        const std::vector<int> many(unix_stream::descriptors_max + 1, here.native_handle());
        const auto too_many = co_await error_of_sending(here, "x", many);
        EXPECT_EQ(too_many, std::errc::invalid_argument);

        // As many as allowed, and none.
        const std::vector<int> most(unix_stream::descriptors_max, here.native_handle());
        const auto all = co_await error_of_sending(here, "x", most);
        EXPECT_FALSE(all);
        const auto none = co_await error_of_sending(here, "y", std::vector<int>());
        EXPECT_FALSE(none);
        std::array<std::byte, 1> buffer{};
        const auto received =
            co_await there.receive_descriptors(buffer, unix_stream::descriptors_max);
        EXPECT_EQ(received.descriptors.size(), most.size());
        const auto nothing = co_await there.receive_descriptors(buffer, 0);
        EXPECT_EQ(nothing.size(), 1U);
        EXPECT_TRUE(nothing.descriptors.empty());
    });
}

// The credentials that it then brings need room beside the descriptors.
TEST_P(unix_descriptors_test, a_socket_that_was_asked_for_credentials_takes_all) {
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        const int on = 1;
        EXPECT_EQ(::setsockopt(there.native_handle(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
        const std::vector<int> most(unix_stream::descriptors_max, here.native_handle());
        const auto sent = co_await error_of_sending(here, "x", most);
        EXPECT_FALSE(sent);
        std::array<std::byte, 1> buffer{};
        const auto received =
            co_await there.receive_descriptors(buffer, unix_stream::descriptors_max);
        EXPECT_EQ(received.descriptors.size(), most.size());
    });
}

// The pidfd that it then brings is nobody's, and is closed.
TEST_P(unix_descriptors_test, a_socket_that_was_asked_for_pidfds_keeps_none) {
    static constexpr int pass_pidfd = 76;  // SO_PASSPIDFD
    static constexpr int on = 1;
    const auto asked = unix_stream::pair().second;
    if (::setsockopt(asked.native_handle(), SOL_SOCKET, pass_pidfd, &on, sizeof on) != 0)
        GTEST_SKIP() << "Linux 6.5 has them";
    run([]() -> task<> {
        auto [here, there] = unix_stream::pair();
        EXPECT_EQ(::setsockopt(there.native_handle(), SOL_SOCKET, pass_pidfd, &on, sizeof on), 0);
        const std::vector<int> most(unix_stream::descriptors_max, here.native_handle());
        const auto sent = co_await error_of_sending(here, "x", most);
        EXPECT_FALSE(sent);
        // A life's own descriptors are there after its first wait.
        const std::size_t before = testing::open_descriptors();
        std::array<std::byte, 1> buffer{};
        {
            const auto received =
                co_await there.receive_descriptors(buffer, unix_stream::descriptors_max);
            EXPECT_EQ(received.descriptors.size(), most.size());
        }
        EXPECT_EQ(testing::open_descriptors(), before);
    });
}

}  // namespace
}  // namespace amphi::net
