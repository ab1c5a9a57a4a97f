// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/io/lines.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/process/pipe.hpp>
#include <amphi/task/task.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using testing::expect_deadline_ends;
using testing::expect_stop_ends;

static_assert(readable_stream<pipe_reader>);
static_assert(writable_stream<pipe_writer>);

class pipe_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, pipe_test, testing::all_lives(), testing::name_of_life);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

task<> read_own_silent() {
    auto ends = make_pipe();
    std::array<std::byte, 8> into{};
    (void)co_await ends.first.read_some(into);
}

task<> write_until_full() {
    auto ends = make_pipe();
    const std::vector<std::byte> much(1 << 20);
    co_await write_all(ends.second, much);
}

task<> write_and_close(pipe_writer to, std::string text) {
    co_await write_all(to, bytes_of(text));
}

template <class F>
int error_of(F f) {
    try {
        f();
    } catch (const std::system_error& error) {
        return error.code().value();
    }
    return 0;
}

TEST_P(pipe_test, carries_bytes_to_its_end) {
    run([]() -> task<> {
        auto ends = make_pipe();
        co_await scope(
            [](task_scope& jobs, auto& both) -> task<> {
                std::string text;
                for (int i = 0; i < 50'000; ++i)
                    text += "line " + std::to_string(i) + "\n";
                co_await jobs.spawn(write_and_close, std::move(both.second), std::move(text));
                lines from(both.first);
                int count = 0;
                for (;;) {
                    const std::optional<std::string> line = co_await from.next();
                    if (!line) break;
                    EXPECT_EQ(*line, "line " + std::to_string(count++));
                }
                EXPECT_EQ(count, 50'000);
            },
            ends
        );
    });
}

TEST_P(pipe_test, a_cancel_ends_a_read) {
    run([]() -> task<> {
        co_await expect_stop_ends(read_own_silent);
        co_await expect_deadline_ends(read_own_silent);
    });
}

TEST_P(pipe_test, a_cancel_ends_a_write_to_a_full_one) {
    run([]() -> task<> {
        co_await expect_stop_ends(write_until_full);
        co_await expect_deadline_ends(write_until_full);
    });
}

TEST_P(pipe_test, nobody_who_reads_is_an_error) {
    run([]() -> task<> {
        auto ends = make_pipe();
        ends.first.close();
        int error = 0;
        try {
            (void)co_await ends.second.write_some(bytes_of("x"));
        } catch (const std::system_error& failure) {
            error = failure.code().value();
        }
        EXPECT_EQ(error, EPIPE);  // SIGPIPE would end the test
    });
}

TEST_P(pipe_test, what_was_written_before_the_end_is_read) {
    run([]() -> task<> {
        auto ends = make_pipe();
        const std::size_t written = co_await ends.second.write_some(bytes_of("last words"));
        EXPECT_EQ(written, 10U);
        ends.second.close();
        std::array<std::byte, 64> into{};
        const std::size_t count = co_await ends.first.read_some(into);
        EXPECT_EQ(count, 10U);
        const std::size_t end = co_await ends.first.read_some(into);
        EXPECT_EQ(end, 0U);
    });
}

TEST_P(pipe_test, a_buffer_without_room_does_not_wait) {
    run([]() -> task<> {
        auto ends = make_pipe();
        const std::size_t read = co_await ends.first.read_some({});
        const std::size_t written = co_await ends.second.write_some({});
        EXPECT_EQ(read + written, 0U);
    });
}

TEST(pipe, its_ends_do_not_block_and_are_not_inherited) {
    const auto ends = make_pipe();
    for (const int fd : {ends.first.native_handle(), ends.second.native_handle()}) {
        EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
        EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    }
}

TEST_P(pipe_test, what_is_given_away_blocks_again) {
    run([]() -> task<> {
        auto ends = make_pipe();
        std::array<std::byte, 8> into{};
        (void)co_await ends.second.write_some(bytes_of("x"));
        (void)co_await ends.first.read_some(into);
        descriptor read = ends.first.release();
        descriptor write = ends.second.release();
        EXPECT_EQ(::fcntl(read.get(), F_GETFL) & O_NONBLOCK, 0);
        EXPECT_EQ(::fcntl(write.get(), F_GETFL) & O_NONBLOCK, 0);
        EXPECT_EQ(ends.first.native_handle(), -1);
        // And is taken over anew.
        pipe_reader reader(std::move(read));
        pipe_writer writer(std::move(write));
        (void)co_await writer.write_some(bytes_of("xyz"));
        const std::size_t count = co_await reader.read_some(into);
        EXPECT_EQ(count, 3U);
    });
}

TEST(pipe, a_closed_one_is_an_error) {
    auto ends = make_pipe();
    ends.first.close();
    ends.second.close();
    EXPECT_EQ(error_of([&] { (void)ends.first.release(); }), EBADF);
    EXPECT_EQ(error_of([&] { (void)ends.second.release(); }), EBADF);
    EXPECT_EQ(error_of([] { const pipe_reader none{descriptor()}; }), EBADF);
    EXPECT_EQ(ends.second.native_handle(), -1);
}

}  // namespace
}  // namespace amphi
