// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/fs/operations.hpp>
#include <amphi/io/lines.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace amphi::fs {
namespace {

using std::filesystem::path;
using ::testing::HasSubstr;

static_assert(readable_stream<file> && writable_stream<file>);
static_assert(sendable<file> && sendable<path> && sendable<open_options>);
static_assert(!std::is_aggregate_v<open_options>);

class file_test : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, file_test, testing::all_lives(), testing::name_of_life);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

template <class T>
std::string text_of(const T& bytes, std::size_t count) {
    return {reinterpret_cast<const char*>(bytes.data()), count};
}

task<std::error_code> error_of_open(path at, open_options how) {
    try {
        (void)co_await file::open(at, how);
    } catch (const std::system_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("'" + at.string() + "'"));
        co_return error.code();
    }
    co_return std::error_code();
}

TEST_P(file_test, what_is_written_is_read) {
    run(
        [](path at) -> task<> {
            file out = co_await file::open(at, open_options().write().create());
            co_await write_all(out, bytes_of("one two three"));
            out.close();
            file in = co_await file::open(at);
            std::array<std::byte, 64> buffer{};
            const std::size_t count = co_await in.read_some(buffer);
            EXPECT_EQ(text_of(buffer, count), "one two three");
            const std::size_t end = co_await in.read_some(buffer);
            EXPECT_EQ(end, 0U);
        },
        folder / "file"
    );
}

TEST_P(file_test, it_is_a_stream_of_lines) {
    run(
        [](path at) -> task<> {
            co_await write(at, "one\r\ntwo\nthree");
            file in = co_await file::open(at);
            lines reader(in);
            for (const char* expected : {"one", "two", "three"}) {
                const std::optional<std::string> line = co_await reader.next();
                EXPECT_EQ(line, expected);
            }
            const std::optional<std::string> end = co_await reader.next();
            EXPECT_FALSE(end);
        },
        folder / "file"
    );
}

TEST_P(file_test, places_of_their_own_do_not_move_the_stream) {
    run(
        [](path at) -> task<> {
            file both = co_await file::open(at, open_options().read().write().create());
            co_await both.write_at(4, bytes_of("5678"));
            co_await both.write_at(0, bytes_of("1234"));
            std::array<std::byte, 8> buffer{};
            const std::size_t all = co_await both.read_at(0, buffer);
            EXPECT_EQ(text_of(buffer, all), "12345678");
            const std::size_t tail = co_await both.read_at(6, buffer);
            EXPECT_EQ(text_of(buffer, tail), "78");
            const std::size_t beyond = co_await both.read_at(100, buffer);
            EXPECT_EQ(beyond, 0U);
            const std::size_t stream = co_await both.read_some(buffer);
            EXPECT_EQ(text_of(buffer, stream), "12345678");
        },
        folder / "file"
    );
}

TEST_P(file_test, its_size_follows_what_is_written_and_cut) {
    run(
        [](path at) -> task<> {
            file out = co_await file::open(at, open_options().write().create());
            co_await out.write_at(99, bytes_of("x"));
            std::uint64_t size = co_await out.size();
            EXPECT_EQ(size, 100U);
            co_await out.truncate(10);
            size = co_await out.size();
            EXPECT_EQ(size, 10U);
            co_await out.truncate(1000);
            size = co_await out.size();
            EXPECT_EQ(size, 1000U);
            co_await out.sync();
        },
        folder / "file"
    );
}

TEST_P(file_test, the_way_to_open_it_is_respected) {
    run(
        [](path at) -> task<> {
            std::error_code error = co_await error_of_open(at, {});
            EXPECT_EQ(error, std::errc::no_such_file_or_directory);
            error = co_await error_of_open(at, open_options().write().exclusive());
            EXPECT_FALSE(error);
            error = co_await error_of_open(at, open_options().write().exclusive());
            EXPECT_EQ(error, std::errc::file_exists);

            co_await write(at, "content");
            file end = co_await file::open(at, open_options().append());
            co_await write_all(end, bytes_of(" and more"));
            std::string content = co_await read(at);
            EXPECT_EQ(content, "content and more");
            (void)co_await file::open(at, open_options().write().truncate());
            content = co_await read(at);
            EXPECT_EQ(content, "");
        },
        folder / "file"
    );
}

TEST_P(file_test, a_planted_link_is_not_followed) {
    std::filesystem::create_symlink("/dev/null", folder / "link");
    run(
        [](path link) -> task<> {
            std::error_code error =
                co_await error_of_open(link, open_options().write().no_follow());
            EXPECT_EQ(error, std::errc::too_many_symbolic_link_levels);
            error = co_await error_of_open(link, open_options().write().exclusive());
            EXPECT_EQ(error, std::errc::file_exists);
            error = co_await error_of_open(link, open_options().write());
            EXPECT_FALSE(error);
        },
        folder / "link"
    );
}

TEST_P(file_test, a_new_one_has_the_permissions_that_were_asked_for) {
    run(
        [](path at) -> task<> {
            using std::filesystem::perms;
            const auto mine = perms::owner_read | perms::owner_write;
            (void)co_await file::open(at, open_options().write().create().permissions(mine));
            const metadata found = co_await stat(at);
            EXPECT_EQ(found.permissions(), mine);
        },
        folder / "file"
    );
}

TEST_P(file_test, it_does_not_cross_an_exec) {
    run(
        [](path at) -> task<> {
            const file made = co_await file::open(at, open_options().write().create());
            EXPECT_NE(::fcntl(made.native_handle(), F_GETFD) & FD_CLOEXEC, 0);
        },
        folder / "file"
    );
}

TEST_P(file_test, the_use_of_a_closed_one_is_an_error_that_names_it) {
    run(
        [](path at) -> task<> {
            file closed = co_await file::open(at, open_options().write().create());
            closed.close();
            EXPECT_EQ(closed.native_handle(), -1);
            std::string said;
            try {
                (void)co_await closed.write_some(bytes_of("x"));
            } catch (const std::system_error& error) {
                EXPECT_EQ(error.code(), std::errc::bad_file_descriptor);
                said = error.what();
            }
            EXPECT_THAT(said, HasSubstr("write '" + at.string() + "'"));
            EXPECT_THROW(closed.close(), std::system_error);
        },
        folder / "file"
    );
}

TEST_P(file_test, a_full_disk_is_an_error) {
    run([]() -> task<> {
        file full = co_await file::open("/dev/full", open_options().write());
        std::error_code error;
        try {
            co_await full.write_at(0, bytes_of("x"));
        } catch (const std::system_error& failure) {
            error = failure.code();
        }
        EXPECT_EQ(error, std::errc::no_space_on_device);
    });
}

task<> write_all_of_it(file to, std::string text) {
    for (std::size_t offset = 0; offset < text.size(); offset += 7)
        co_await to.write_at(offset, bytes_of(std::string_view(text).substr(offset, 7)));
}

TEST_P(file_test, many_are_written_at_the_same_time) {
    run(
        [](path at) -> task<> {
            co_await scope(
                [](task_scope& jobs, const path& in) -> task<> {
                    for (int i = 0; i < 100; ++i) {
                        const path name = in / std::to_string(i);
                        file out = co_await file::open(name, open_options().write().create());
                        std::string text(50, static_cast<char>('0' + i % 10));
                        (void)co_await jobs.spawn(write_all_of_it, std::move(out), std::move(text));
                    }
                },
                at
            );
            for (int i = 0; i < 100; ++i) {
                const std::string content = co_await read(at / std::to_string(i));
                EXPECT_EQ(content, std::string(50, static_cast<char>('0' + i % 10)));
            }
        },
        folder.path()
    );
}

// A stop that was there before is seen before the file is touched.
TEST_P(file_test, a_cancelled_task_begins_no_call) {
    run(
        [](path at) -> task<> {
            bool ended = false;
            try {
                (void)co_await timeout(
                    std::chrono::milliseconds(0), file::open, at, open_options().write().create()
                );
            } catch (const timed_out&) {
                ended = true;
            }
            EXPECT_TRUE(ended);
            const bool made = co_await fs::exists(at);
            EXPECT_FALSE(made);
        },
        folder / "file"
    );
}

/// A file that opens slowly, as on a disk that is slow: a lease is broken first.
class slow_to_open {
public:
    explicit slow_to_open(const path& at)
        : fd_(::open(at.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600))
        , before_(std::signal(SIGIO, SIG_IGN))
        , leased_(::fcntl(fd_.get(), F_SETLEASE, F_WRLCK) == 0) {}
    slow_to_open(const slow_to_open&) = delete;
    slow_to_open& operator=(const slow_to_open&) = delete;
    ~slow_to_open() { std::signal(SIGIO, before_); }

    [[nodiscard]] bool is_slow() const noexcept { return leased_; }
    void let_open() const { EXPECT_EQ(::fcntl(fd_.get(), F_SETLEASE, F_UNLCK), 0); }

private:
    descriptor fd_;
    void (*before_)(int);
    bool leased_;
};

task<> open_to_write(path at) {
    (void)co_await file::open(at, open_options().write());
}

TEST_P(file_test, a_call_that_has_begun_ends_before_a_cancel_is_seen) {
    slow_to_open slow(folder / "slow");
    if (!slow.is_slow()) GTEST_SKIP() << "no lease can be had here";
    run(
        [](path at, testing::borrowed<slow_to_open> opens) -> task<> {
            co_await scope(
                [](task_scope& jobs, const path& from, const slow_to_open& held) -> task<> {
                    auto opening = co_await jobs.spawn(open_to_write, from);
                    co_await sleep_for(std::chrono::milliseconds(20));
                    opening.request_stop();
                    co_await sleep_for(std::chrono::milliseconds(20));
                    EXPECT_FALSE(opening.done());
                    held.let_open();
                    co_await opening.join();
                },
                at,
                *opens
            );
        },
        folder / "slow",
        slow
    );
}

}  // namespace
}  // namespace amphi::fs
