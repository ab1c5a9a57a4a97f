// SPDX-License-Identifier: BSL-1.0
// Files that the kernel can wait for: named pipes, terminals and other devices.
#include <amphi/base/descriptor.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/fs/operations.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/task/task.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"
#include "support/terminal.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace amphi::fs {
namespace {

using std::filesystem::path;
using testing::expect_deadline_ends;
using testing::expect_stop_ends;

class waited_file : public testing::each_life {
public:
    waited_file() { EXPECT_EQ(::mkfifo(pipe.c_str(), 0600), 0); }

    testing::temp_folder folder;
    path pipe = folder / "pipe";
};
INSTANTIATE_TEST_SUITE_P(lives, waited_file, testing::all_lives(), testing::name_of_life);

task<std::string> read_once(file& from) {
    std::array<std::byte, 64> buffer{};
    const std::size_t count = co_await from.read_some(buffer);
    co_return std::string(reinterpret_cast<const char*>(buffer.data()), count);
}

task<std::string> open_and_read(path at) {
    file from = co_await file::open(at);
    co_return co_await read_once(from);
}

task<> write_until_it_is_full(path at) {
    file to = co_await file::open(at, open_options().read().write());
    const std::vector<std::byte> much(1 << 20);
    for (;;)
        (void)co_await to.write_some(much);
}

void write_now(const descriptor& to, std::string_view text) {
    EXPECT_EQ(::write(to.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST_P(waited_file, a_stop_ends_a_read_of_a_pipe) {
    const descriptor silent(::open(pipe.c_str(), O_RDWR | O_CLOEXEC));
    run([](path at) -> task<> { co_await expect_stop_ends(open_and_read, at); }, pipe);
}

TEST_P(waited_file, a_deadline_ends_a_read_of_a_pipe) {
    const descriptor silent(::open(pipe.c_str(), O_RDWR | O_CLOEXEC));
    run([](path at) -> task<> { co_await expect_deadline_ends(open_and_read, at); }, pipe);
}

TEST_P(waited_file, a_stop_ends_a_wait_for_somebody_who_writes) {
    run([](path at) -> task<> { co_await expect_stop_ends(open_and_read, at); }, pipe);
}

TEST_P(waited_file, a_deadline_ends_a_wait_for_somebody_who_writes) {
    run([](path at) -> task<> { co_await expect_deadline_ends(open_and_read, at); }, pipe);
}

TEST_P(waited_file, a_stop_ends_a_write_to_a_full_pipe) {
    run([](path at) -> task<> { co_await expect_stop_ends(write_until_it_is_full, at); }, pipe);
}

TEST_P(waited_file, a_deadline_ends_a_write_to_a_full_pipe) {
    run([](path at) -> task<> { co_await expect_deadline_ends(write_until_it_is_full, at); }, pipe);
}

TEST_P(waited_file, a_cancel_ends_a_read_of_a_terminal) {
    const testing::terminal silent;
    run(
        [](path at) -> task<> {
            co_await expect_stop_ends(open_and_read, at);
            co_await expect_deadline_ends(open_and_read, at);
        },
        path(::ptsname(silent.keyboard.get()))
    );
}

TEST_P(waited_file, what_is_typed_is_read) {
    const testing::terminal used;
    write_now(used.keyboard, "typed\n");
    const std::string read = run(open_and_read, path(::ptsname(used.keyboard.get())));
    EXPECT_EQ(read, "typed\n");
}

task<> open_to_write(path at) {
    (void)co_await file::open(at, open_options().write());
}

TEST_P(waited_file, a_stop_ends_a_wait_for_somebody_who_reads) {
    run([](path at) -> task<> { co_await expect_stop_ends(open_to_write, at); }, pipe);
}

TEST_P(waited_file, a_deadline_ends_a_wait_for_somebody_who_reads) {
    run([](path at) -> task<> { co_await expect_deadline_ends(open_to_write, at); }, pipe);
}

task<> write_whole(path at, std::string content) {
    co_await write(at, content);
}

TEST_P(waited_file, a_whole_pipe_is_written_and_read) {
    const std::string content(300'000, 'x');
    run(
        [](path at, std::string text) -> task<> {
            co_await scope(
                [](task_scope& jobs, const path& to, const std::string& sent) -> task<> {
                    (void)co_await jobs.spawn(write_whole, to, sent);
                    const std::string come = co_await read(to);
                    EXPECT_TRUE(come == sent) << come.size();
                },
                at,
                text
            );
        },
        pipe,
        content
    );
}

TEST_P(waited_file, a_cancel_ends_a_read_and_a_write_of_a_whole_pipe) {
    run(
        [](path at) -> task<> {
            co_await expect_stop_ends(read, at);
            co_await expect_deadline_ends(read, at);
            std::string content = "x";
            co_await expect_stop_ends(write_whole, at, content);
            co_await expect_deadline_ends(write_whole, at, content);
        },
        pipe
    );
}

// Nobody who writes yet, somebody who does, and nobody any more are three things.
TEST_P(waited_file, a_pipe_is_read_to_its_end) {
    run(
        [](path at) -> task<> {
            co_await scope(
                [](task_scope& jobs, const path& from) -> task<> {
                    auto first = co_await jobs.spawn(open_and_read, from);
                    // This open waits for the reader.
                    file to = co_await file::open(from, open_options().write());
                    co_await write_all(to, std::as_bytes(std::span(std::string_view("one"))));
                    const std::string come = co_await first.join();
                    EXPECT_EQ(come, "one");
                },
                at
            );
            file from = co_await file::open(at);
            file to = co_await file::open(at, open_options().write());
            co_await write_all(to, std::as_bytes(std::span(std::string_view("two"))));
            to.close();
            const std::string last = co_await read_once(from);
            EXPECT_EQ(last, "two");
            const std::string end = co_await read_once(from);
            EXPECT_EQ(end, "");
        },
        pipe
    );
}

TEST_P(waited_file, a_pipe_that_nobody_reads_any_more_is_an_error) {
    run(
        [](path at) -> task<> {
            file from = co_await file::open(at);
            file to = co_await file::open(at, open_options().write());
            from.close();
            std::error_code error;
            try {
                (void)co_await to.write_some(std::as_bytes(std::span(std::string_view("x"))));
            } catch (const std::system_error& failure) {
                error = failure.code();
                EXPECT_NE(std::string(failure.what()).find(at.string()), std::string::npos);
            }
            EXPECT_EQ(error.value(), EPIPE);  // SIGPIPE would end the test
        },
        pipe
    );
}

TEST_P(waited_file, a_device_that_is_always_ready_is_read) {
    run([]() -> task<> {
        std::array<std::byte, 16> buffer{};
        buffer.fill(std::byte{1});
        file zeros = co_await file::open("/dev/zero");
        const std::size_t count = co_await zeros.read_some(buffer);
        EXPECT_EQ(count, buffer.size());
        EXPECT_EQ(buffer[15], std::byte{0});
        file nothing = co_await file::open("/dev/null", open_options().read().write());
        const std::size_t end = co_await nothing.read_some(buffer);
        EXPECT_EQ(end, 0U);
        const std::size_t gone = co_await nothing.write_some(buffer);
        EXPECT_EQ(gone, buffer.size());
    });
}

}  // namespace
}  // namespace amphi::fs
