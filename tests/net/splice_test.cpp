// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/splice.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/net/unix.hpp>
#include <amphi/task/task.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/open_descriptors.hpp"
#include "support/tcp_pair.hpp"
#include "support/temp_folder.hpp"
#include "support/varied.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace amphi::net {
namespace {

using testing::borrowed;
using testing::connected_pair;
using testing::expect_deadline_ends;
using testing::expect_stop_ends;
using testing::open_descriptors;
using testing::tcp_pair;
using testing::temp_folder;
using testing::varied;

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class splice_test : public testing::each_life {
public:
    temp_folder temp;
};
INSTANTIATE_TEST_SUITE_P(lives, splice_test, testing::all_lives(), testing::name_of_life);

task<> send_and_end(borrowed<tcp_stream> to, std::string content) {
    co_await write_all(*to, std::as_bytes(std::span(content)));
    to->shutdown_write();
}

task<std::uint64_t>
receive_to(std::filesystem::path path, fs::open_options how, std::string content) {
    tcp_pair between = co_await connected_pair();
    const fs::file file = co_await fs::file::open(path, how);
    co_return co_await scope(
        [](task_scope& jobs, tcp_pair& ends, const fs::file& into, std::string& sent
        ) -> task<std::uint64_t> {
            (void)co_await jobs.spawn(send_and_end, ends.client, sent);
            co_return co_await receive_file(ends.server, into, 3, 1 << 30);
        },
        between,
        file,
        content
    );
}

TEST_P(splice_test, a_stream_is_received_into_a_file) {
    const std::string content = varied((8 << 20) + 77);
    std::ofstream(temp / "file") << "abcdef";
    const std::uint64_t size = run(receive_to, temp / "file", fs::open_options().write(), content);
    EXPECT_EQ(size, content.size());
    EXPECT_TRUE(content_of(temp / "file") == "abc" + content);
}

// The kernel does not splice to a file that is open for appending; it goes through a buffer then.
TEST_P(splice_test, what_the_kernel_refuses_to_splice_is_copied) {
    const std::string content = varied((1 << 20) + 77);
    std::ofstream(temp / "file") << "abc";
    const std::uint64_t size = run(receive_to, temp / "file", fs::open_options().append(), content);
    EXPECT_EQ(size, content.size());
    EXPECT_TRUE(content_of(temp / "file") == "abc" + content);
}

// What it leaves is there for the next read, also for one that has just emptied the socket.
TEST_P(splice_test, no_more_than_asked_for_is_received) {
    run(
        [](std::filesystem::path path) -> task<> {
            tcp_pair between = co_await connected_pair();
            const fs::file file =
                co_await fs::file::open(path, fs::open_options().write().create());
            std::string sent = "0123456789";
            for (int round = 0; round < 20; ++round) {
                co_await write_all(between.client, std::as_bytes(std::span(sent)));
                const std::uint64_t size = co_await receive_file(between.server, file, 0, 4);
                EXPECT_EQ(size, 4U);
                std::string rest(100, '\0');
                std::size_t count = 0;
                while (count < 6)
                    count += co_await between.server.read_some(
                        std::as_writable_bytes(std::span(rest)).subspan(count)
                    );
                EXPECT_EQ(rest.substr(0, count), "456789");
            }
        },
        temp / "file"
    );
    EXPECT_EQ(content_of(temp / "file"), "0123");
}

task<> pass_on(borrowed<tcp_stream> from, borrowed<tcp_stream> to) {
    (void)co_await splice(*from, *to);
    to->shutdown_write();
}

task<std::string> through_a_proxy(std::string content) {
    tcp_pair first = co_await connected_pair();
    tcp_pair second = co_await connected_pair();
    co_return co_await scope(
        [](task_scope& jobs, tcp_pair& in, tcp_pair& out, std::string& sent) -> task<std::string> {
            (void)co_await jobs.spawn(send_and_end, in.client, sent);
            (void)co_await jobs.spawn(pass_on, in.server, out.client);
            std::string received(sent.size(), '\0');
            co_await read_exactly(out.server, std::as_writable_bytes(std::span(received)));
            std::byte more{};
            const std::size_t end = co_await out.server.read_some({&more, 1});
            EXPECT_EQ(end, 0U);
            co_return received;
        },
        first,
        second,
        content
    );
}

TEST_P(splice_test, one_connection_is_passed_on_to_another) {
    const std::string content = varied((16 << 20) + 77);
    EXPECT_TRUE(run(through_a_proxy, content) == content);
}

task<> splice_for_ever(tcp_stream& from, unix_stream& to) {
    (void)co_await splice(from, to);
}

TEST_P(splice_test, the_wait_for_either_side_ends_and_leaves_no_descriptor) {
    run([]() -> task<> {
        tcp_pair between = co_await connected_pair();
        auto ends = unix_stream::pair();
        co_await expect_deadline_ends(splice_for_ever, between.server, ends.first);
        const std::size_t before = open_descriptors();
        co_await expect_deadline_ends(splice_for_ever, between.server, ends.first);
        EXPECT_EQ(open_descriptors(), before);
        // Nobody reads the other side.
        const auto write_for_ever = [](tcp_stream& to) -> task<> {
            const std::string bytes(1 << 20, 'x');
            for (;;)
                co_await write_all(to, std::as_bytes(std::span(bytes)));
        };
        co_await expect_deadline_ends(write_for_ever, between.client);
        co_await expect_deadline_ends(splice_for_ever, between.server, ends.first);
        co_await expect_deadline_ends(splice_for_ever, between.server, ends.first);
        co_await expect_stop_ends(
            splice_for_ever, std::move(between.server), std::move(ends.first)
        );
    });
}

}  // namespace
}  // namespace amphi::net
