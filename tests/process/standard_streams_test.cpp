// SPDX-License-Identifier: BSL-1.0
// The test's own streams are replaced, one at a time: what is expected is told after that.
#include <amphi/base/descriptor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/io/lines.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/process/pipe.hpp>
#include <amphi/process/standard_streams.hpp>
#include <amphi/task/task.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"
#include "support/terminal.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace amphi {
namespace {

using testing::expect_deadline_ends;
using testing::expect_stop_ends;

static_assert(readable_stream<standard_reader>);
static_assert(writable_stream<standard_writer>);

/// One of the process's streams is another file, for a while. -1: none at all.
class replaced {
public:
    replaced(int number, int by) : number_(number), kept_(::fcntl(number, F_DUPFD_CLOEXEC, 3)) {
        if (by >= 0)
            ::dup2(by, number);
        else
            ::close(number);
    }
    replaced(const replaced&) = delete;
    replaced& operator=(const replaced&) = delete;
    ~replaced() { ::dup2(kept_.get(), number_); }

private:
    int number_;
    descriptor kept_;
};

class blocking_pipe {
public:
    descriptor reads;
    descriptor writes;

    blocking_pipe() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        reads.reset(ends[0]);
        writes.reset(ends[1]);
    }
};

class standard_streams : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, standard_streams, testing::all_lives(), testing::name_of_life);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

void put(const descriptor& to, std::string_view text) {
    EXPECT_EQ(::write(to.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

std::string take(const descriptor& from) {
    std::array<char, 256> buffer{};
    const ssize_t count = ::read(from.get(), buffer.data(), buffer.size());
    return {buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

task<std::string> read_lines() {
    auto input = standard_input();
    lines from(input);
    std::string all;
    for (;;) {
        const std::optional<std::string> line = co_await from.next();
        if (!line) co_return all;
        all += "[" + *line + "]";
    }
}

task<> write_much() {
    auto output = standard_output();
    const std::vector<std::byte> much(1 << 20);
    co_await write_all(output, much);
}

task<int> error_of_a_write() {
    auto output = standard_output();
    try {
        (void)co_await output.write_some(bytes_of("x"));
    } catch (const std::system_error& error) {
        co_return error.code().value();
    }
    co_return 0;
}

TEST_P(standard_streams, a_pipe_is_read_to_its_end_and_its_flags_stay) {
    blocking_pipe pipe;
    put(pipe.writes, "one\ntwo\nthree");
    pipe.writes.reset();
    const int flags = ::fcntl(pipe.reads.get(), F_GETFL);
    const replaced in(STDIN_FILENO, pipe.reads.get());
    EXPECT_EQ(run(read_lines), "[one][two][three]");
    EXPECT_EQ(::fcntl(pipe.reads.get(), F_GETFL), flags);
}

TEST_P(standard_streams, what_is_still_to_come_is_waited_for) {
    blocking_pipe pipe;
    const replaced in(STDIN_FILENO, pipe.reads.get());
    pipe.reads.reset();
    const std::string all = run(
        [](descriptor to) -> task<std::string> {
            co_return co_await scope(
                [](task_scope& jobs, descriptor& writes) -> task<std::string> {
                    auto reading = co_await jobs.spawn(read_lines);
                    EXPECT_FALSE(reading.done());
                    put(writes, "late\n");
                    writes.reset();
                    co_return co_await reading.join();
                },
                to
            );
        },
        std::move(pipe.writes)
    );
    EXPECT_EQ(all, "[late]");
}

TEST_P(standard_streams, a_cancel_ends_a_read_of_a_silent_pipe) {
    const blocking_pipe pipe;
    const replaced in(STDIN_FILENO, pipe.reads.get());
    run([]() -> task<> {
        co_await expect_stop_ends(read_lines);
        co_await expect_deadline_ends(read_lines);
    });
}

TEST_P(standard_streams, a_cancel_ends_a_read_of_a_terminal) {
    const testing::terminal silent;
    const int flags = ::fcntl(silent.screen.get(), F_GETFL);
    const replaced in(STDIN_FILENO, silent.screen.get());
    run([]() -> task<> {
        co_await expect_stop_ends(read_lines);
        co_await expect_deadline_ends(read_lines);
    });
    put(silent.keyboard, "typed\n\x04");
    EXPECT_EQ(run(read_lines), "[typed]");
    EXPECT_EQ(::fcntl(silent.screen.get(), F_GETFL), flags);
}

TEST_P(standard_streams, a_cancel_ends_a_read_of_a_silent_socket) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const descriptor near(ends[0]);
    descriptor far(ends[1]);
    const replaced in(STDIN_FILENO, near.get());
    run([]() -> task<> {
        co_await expect_stop_ends(read_lines);
        co_await expect_deadline_ends(read_lines);
    });
    put(far, "sent\n");
    far.reset();
    EXPECT_EQ(run(read_lines), "[sent]");
    EXPECT_EQ(::fcntl(near.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_P(standard_streams, files_and_devices_are_read_from_where_they_are) {
    const testing::temp_folder folder;
    std::ofstream(folder / "file") << "first\nsecond\n";
    {
        const descriptor file(::open((folder / "file").c_str(), O_RDONLY | O_CLOEXEC));
        EXPECT_EQ(::lseek(file.get(), 6, SEEK_SET), 6);
        const replaced in(STDIN_FILENO, file.get());
        EXPECT_EQ(run(read_lines), "[second]");
    }
    const descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const replaced in(STDIN_FILENO, nothing.get());
    EXPECT_EQ(run(read_lines), "");
}

TEST_P(standard_streams, what_is_written_arrives) {
    const blocking_pipe pipe;
    const testing::temp_folder folder;
    const descriptor file(::open((folder / "file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    {
        const replaced out(STDOUT_FILENO, pipe.writes.get());
        const replaced err(STDERR_FILENO, file.get());
        run([]() -> task<> {
            auto output = standard_output();
            auto error = standard_error();
            const std::string text = "to output";
            co_await write_all(output, bytes_of(text));
            const std::string trouble = "to error";
            co_await write_all(error, bytes_of(trouble));
        });
    }
    EXPECT_EQ(take(pipe.reads), "to output");
    std::ostringstream written;
    written << std::ifstream(folder / "file").rdbuf();
    EXPECT_EQ(written.str(), "to error");
    EXPECT_EQ(::fcntl(pipe.writes.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_P(standard_streams, a_cancel_ends_a_write_to_a_full_pipe) {
    const blocking_pipe pipe;
    const replaced out(STDOUT_FILENO, pipe.writes.get());
    run([]() -> task<> {
        co_await expect_stop_ends(write_much);
        co_await expect_deadline_ends(write_much);
    });
}

TEST_P(standard_streams, nobody_who_reads_is_an_error) {
    blocking_pipe pipe;
    pipe.reads.reset();
    int error = 0;
    {
        const replaced out(STDOUT_FILENO, pipe.writes.get());
        error = run(error_of_a_write);
    }
    EXPECT_EQ(error, EPIPE);  // SIGPIPE would end the test

    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const descriptor near(ends[0]);
    ::close(ends[1]);
    {
        const replaced out(STDOUT_FILENO, near.get());
        error = run(error_of_a_write);
    }
    EXPECT_EQ(error, EPIPE);
}

TEST(standard_stream, one_that_is_not_there_is_an_error) {
    int error = 0;
    {
        const replaced in(STDIN_FILENO, -1);
        try {
            (void)standard_input();
        } catch (const std::system_error& failure) {
            error = failure.code().value();
            EXPECT_NE(std::string(failure.what()).find("standard input"), std::string::npos);
        }
    }
    EXPECT_EQ(error, EBADF);
}

}  // namespace
}  // namespace amphi
