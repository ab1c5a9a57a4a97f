// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/fs/operations.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/send_file.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/net/unix.hpp>
#include <amphi/task/task.hpp>

#include "net/page_cache.hpp"
#include "net/send_file.hpp"
#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/tcp_pair.hpp"
#include "support/temp_folder.hpp"
#include "support/varied.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace amphi::net {
namespace {

using testing::borrowed;
using testing::connected_pair;
using testing::expect_deadline_ends;
using testing::expect_stop_ends;
using testing::tcp_pair;
using testing::temp_folder;
using testing::varied;

class send_file_test : public testing::each_life {
public:
    std::filesystem::path file_of(const std::string& content) {
        const auto path = temp_ / "file";
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }

private:
    temp_folder temp_;
};
INSTANTIATE_TEST_SUITE_P(lives, send_file_test, testing::all_lives(), testing::name_of_life);

template <class Stream>
task<std::string> receive(Stream& from, std::size_t size) {
    std::string received(size, '\0');
    co_await read_exactly(from, std::as_writable_bytes(std::span(received)));
    co_return received;
}

task<std::string> receive_borrowed(borrowed<tcp_stream> from, std::size_t size) {
    return receive(*from, size);
}

TEST_P(send_file_test, a_part_of_a_file_arrives) {
    run(
        [](std::filesystem::path path) -> task<> {
            tcp_pair between = co_await connected_pair();
            const fs::file file = co_await fs::file::open(path);
            const std::uint64_t sent = co_await send_file(between.client, file, 2, 5);
            EXPECT_EQ(sent, 5U);
            const std::string received = co_await receive(between.server, 5);
            EXPECT_EQ(received, "23456");
            const std::uint64_t none = co_await send_file(between.client, file, 2, 0);
            EXPECT_EQ(none, 0U);
        },
        file_of("0123456789")
    );
}

TEST_P(send_file_test, over_a_unix_socket_too) {
    run(
        [](std::filesystem::path path) -> task<> {
            auto ends = unix_stream::pair();
            const fs::file file = co_await fs::file::open(path);
            const std::uint64_t sent = co_await send_file(ends.first, file, 0, 10);
            EXPECT_EQ(sent, 10U);
            const std::string received = co_await receive(ends.second, 10);
            EXPECT_EQ(received, "0123456789");
        },
        file_of("0123456789")
    );
}

// More than the socket takes at once: it waits, and goes on where it was.
TEST_P(send_file_test, a_large_file_arrives_whole_and_in_order) {
    const std::string content = varied((16 << 20) + 123);
    const std::string received = run(
        [](std::filesystem::path path) -> task<std::string> {
            tcp_pair between = co_await connected_pair();
            const fs::file file = co_await fs::file::open(path);
            const std::uint64_t size = std::filesystem::file_size(path);
            co_return co_await scope(
                [](task_scope& jobs, tcp_pair& ends, const fs::file& from, std::uint64_t count
                ) -> task<std::string> {
                    auto reading = co_await jobs.spawn(
                        receive_borrowed, ends.server, static_cast<std::size_t>(count)
                    );
                    const std::uint64_t sent = co_await send_file(ends.client, from, 0, count);
                    EXPECT_EQ(sent, count);
                    co_return co_await reading.join();
                },
                between,
                file,
                size
            );
        },
        file_of(content)
    );
    EXPECT_TRUE(received == content);
}

TEST_P(send_file_test, a_file_that_is_shorter_tells_how_much_there_was) {
    run(
        [](std::filesystem::path path) -> task<> {
            tcp_pair between = co_await connected_pair();
            const fs::file file = co_await fs::file::open(path);
            const std::uint64_t sent = co_await send_file(between.client, file, 0, 100);
            EXPECT_EQ(sent, 10U);
            const std::string first = co_await receive(between.server, 10);
            EXPECT_EQ(first, "0123456789");
            // It shrinks while it is sent.
            std::filesystem::resize_file(path, 3);
            const std::uint64_t rest = co_await send_file(between.client, file, 1, 100);
            EXPECT_EQ(rest, 2U);
            const std::uint64_t beyond = co_await send_file_some(between.client, file, 5, 100);
            EXPECT_EQ(beyond, 0U);
            const std::string received = co_await receive(between.server, 2);
            EXPECT_EQ(received, "12");
        },
        file_of("0123456789")
    );
}

// The kernel sends from few of the files that it makes up; what it refuses is copied.
TEST_P(send_file_test, a_file_that_the_kernel_makes_up_is_sent) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        const fs::file file = co_await fs::file::open("/proc/sys/kernel/ostype");
        const std::uint64_t sent = co_await send_file(between.client, file, 0, 100);
        EXPECT_EQ(sent, 6U);
        const std::string received = co_await receive(between.server, 5);
        EXPECT_EQ(received, "Linux");
    });
}

TEST_P(send_file_test, the_copy_that_stands_in_for_the_kernel_sends_the_same) {
    run(
        [](std::filesystem::path path) -> task<> {
            tcp_pair between = co_await connected_pair();
            const fs::file file = co_await fs::file::open(path);
            const int to = between.client.native_handle();
            EXPECT_EQ(detail::send_by_copy(to, file.native_handle(), 7, 100), 3);
            EXPECT_EQ(detail::send_by_copy(to, file.native_handle(), 10, 100), 0);
            EXPECT_EQ(detail::send_by_copy(to, -1, 0, 100), -EBADF);
            const std::string received = co_await receive(between.server, 3);
            EXPECT_EQ(received, "789");
        },
        file_of("0123456789")
    );
}

TEST_P(send_file_test, a_peer_that_has_gone_is_an_error_and_no_signal) {
    run(
        [](std::filesystem::path path) -> task<> {
            tcp_pair between = co_await connected_pair();
            const fs::file file = co_await fs::file::open(path);
            between.server.close();
            int error = 0;
            for (int i = 0; i < 1000 && error == 0; ++i) {
                try {
                    (void)co_await send_file(between.client, file, 0, 1 << 20);
                } catch (const std::system_error& thrown) {
                    error = thrown.code().value();
                }
            }
            EXPECT_TRUE(error == EPIPE || error == ECONNRESET) << error;
            // By now it is the write to a socket that is known to be dead.
            int again = 0;
            try {
                (void)co_await send_file(between.client, file, 0, 1);
            } catch (const std::system_error& thrown) {
                again = thrown.code().value();
            }
            EXPECT_EQ(again, EPIPE);
        },
        file_of(varied(1 << 20))
    );
}

task<> send_for_ever(tcp_stream& to, fs::file& from) {
    for (;;)
        (void)co_await send_file(to, from, 0, 1 << 20);
}

TEST_P(send_file_test, a_peer_that_does_not_read_is_given_up) {
    run(
        [](std::filesystem::path path) -> task<> {
            tcp_pair between = co_await connected_pair();
            fs::file file = co_await fs::file::open(path);
            co_await expect_deadline_ends(send_for_ever, between.client, file);
            co_await expect_stop_ends(send_for_ever, std::move(between.client), std::move(file));
        },
        file_of(varied(1 << 20))
    );
}

TEST_P(send_file_test, a_closed_stream_says_so) {
    run(
        [](std::filesystem::path path) -> task<> {
            tcp_pair between = co_await connected_pair();
            const fs::file file = co_await fs::file::open(path);
            between.client.close();
            try {
                (void)co_await send_file(between.client, file, 0, 1);
                ADD_FAILURE() << "it was sent";
            } catch (const std::system_error& error) {
                EXPECT_EQ(error.code().value(), EBADF);
            }
        },
        file_of("x")
    );
}

TEST(page_cache, has_what_was_just_written_and_is_asked_for_nothing_beyond) {
    const temp_folder temp;
    std::ofstream(temp / "file") << "0123456789";
    std::FILE* const file = std::fopen((temp / "file").c_str(), "r");
    ASSERT_NE(file, nullptr);
    const int fd = fileno(file);
    EXPECT_TRUE(detail::is_cached(fd, 0, 10));
    EXPECT_TRUE(detail::is_cached(fd, 0, 0));
    detail::read_into_cache(fd, 0, 1 << 20);
    detail::read_into_cache(-1, 0, 1 << 20);
    std::fclose(file);
}

}  // namespace
}  // namespace amphi::net
