// SPDX-License-Identifier: BSL-1.0
// Parts of files: several buffers at once, places, room on the disk.
#include <amphi/base/descriptor.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/fs/operations.hpp>
#include <amphi/task/task.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <array>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace amphi::fs {
namespace {

using std::filesystem::path;

class file_parts : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, file_parts, testing::all_lives(), testing::name_of_life);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

std::span<std::byte> room_of(std::string& text) {
    return std::as_writable_bytes(std::span(text));
}

/// What `f(args...)`, which must fail, failed with.
template <class F, class... Args>
task<std::error_code> error_of(F f, Args&... args) {
    try {
        (void)co_await f(args...);
    } catch (const std::system_error& error) {
        co_return error.code();
    }
    co_return std::error_code();
}

TEST_P(file_parts, several_buffers_are_written_and_read_in_their_order) {
    run(
        [](path at) -> task<> {
            file both = co_await file::open(at, open_options().read().write().create());
            const std::array written{
                bytes_of("one "), bytes_of(""), bytes_of("two "), bytes_of("3")
            };
            const std::size_t taken = co_await both.write_some(written);
            EXPECT_EQ(taken, 9U);
            const std::uint64_t end = co_await both.seek(0, seek_from::here);
            EXPECT_EQ(end, 9U);
            co_await both.seek(0);
            std::string first(2, '.');
            std::string none;
            std::string second(20, '.');
            const std::array read{room_of(none), room_of(first), room_of(second)};
            std::size_t count = co_await both.read_some(read);
            EXPECT_EQ(count, 9U);
            EXPECT_EQ(first + second.substr(0, 7), "one two 3");
            count = co_await both.read_some(read);
            EXPECT_EQ(count, 0U);
        },
        folder / "file"
    );
}

// More than the kernel takes in one call, and among them some that are empty.
TEST_P(file_parts, no_number_of_buffers_is_too_large) {
    run(
        [](path at) -> task<> {
            file both = co_await file::open(at, open_options().read().write().create());
            constexpr std::size_t many = 3 * IOV_MAX;
            const std::string text(many, 'x');
            std::vector<std::span<const std::byte>> written(IOV_MAX);
            for (std::size_t i = 0; i < many; ++i)
                written.push_back(bytes_of(text).subspan(i, 1));
            const std::size_t taken = co_await both.write_some(written);
            EXPECT_EQ(taken, static_cast<std::size_t>(IOV_MAX));
            co_await both.write_at(5, written);
            const std::uint64_t size = co_await both.size();
            EXPECT_EQ(size, many + 5);

            std::string back(many + 100, '.');
            std::vector<std::span<std::byte>> read(IOV_MAX);
            for (std::size_t i = 0; i < back.size(); ++i)
                read.push_back(room_of(back).subspan(i, 1));
            const std::size_t count = co_await both.read_at(5, read);
            EXPECT_EQ(count, many);
            EXPECT_EQ(back.substr(0, many), text);
            EXPECT_EQ(back[many], '.');
        },
        folder / "file"
    );
}

TEST_P(file_parts, a_place_beyond_the_end_leaves_a_hole) {
    run(
        [](path at) -> task<> {
            file both = co_await file::open(at, open_options().read().write().create());
            const std::uint64_t place = co_await both.seek(3);
            EXPECT_EQ(place, 3U);
            (void)co_await both.write_some(bytes_of("x"));
            const std::uint64_t back = co_await both.seek(-1, seek_from::end);
            EXPECT_EQ(back, 3U);
            const std::string content = co_await read(at);
            EXPECT_EQ(content, std::string("\0\0\0x", 4));
            const std::error_code error = co_await error_of(
                [](file& moved) -> task<> { (void)co_await moved.seek(-5, seek_from::here); }, both
            );
            EXPECT_EQ(error, std::errc::invalid_argument);
        },
        folder / "file"
    );
}

TEST_P(file_parts, room_on_the_disk_is_taken_beforehand) {
    run(
        [](path at) -> task<> {
            file out = co_await file::open(at, open_options().write().create());
            co_await out.allocate(0, 1 << 20);
            struct stat status{};
            EXPECT_EQ(::fstat(out.native_handle(), &status), 0);
            EXPECT_EQ(status.st_size, 1 << 20);
            EXPECT_GE(status.st_blocks * 512, 1 << 20);
            co_await out.sync_data();
            for (const access use :
                 {access::sequential,
                  access::random,
                  access::once,
                  access::soon,
                  access::over,
                  access::normal})
                co_await out.advise(use, 0, 4096);
            const std::error_code error = co_await error_of(
                [](file& grown) -> task<> {
                    co_await grown.allocate(
                        0, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
                    );
                },
                out
            );
            EXPECT_TRUE(error);
        },
        folder / "file"
    );
}

/// A disk of one megabyte in a folder; root alone can make one.
class small_disk {
public:
    explicit small_disk(path at)
        : at_(std::move(at))
        , mounted_(::mount("none", at_.c_str(), "tmpfs", 0, "size=1m") == 0) {}
    small_disk(const small_disk&) = delete;
    small_disk& operator=(const small_disk&) = delete;
    ~small_disk() {
        if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
    }
    [[nodiscard]] bool is_there() const noexcept { return mounted_; }

private:
    path at_;
    bool mounted_;
};

TEST_P(file_parts, a_disk_that_is_full_is_an_error_and_what_fitted_is_there) {
    const small_disk disk(folder.path());
    if (!disk.is_there()) GTEST_SKIP() << "no disk can be mounted here";
    run(
        [](path at) -> task<> {
            file out = co_await file::open(at, open_options().write().create());
            const std::error_code room = co_await error_of(
                [](file& grown) -> task<> { co_await grown.allocate(0, 2 << 20); }, out
            );
            EXPECT_EQ(room, std::errc::no_space_on_device);
            const std::error_code error = co_await error_of(
                [](file& filled) -> task<> {
                    const std::vector<std::byte> half(600 << 10);
                    const std::array<std::span<const std::byte>, 2> whole{half, half};
                    co_await filled.write_at(0, whole);
                },
                out
            );
            EXPECT_EQ(error, std::errc::no_space_on_device);
            const std::uint64_t size = co_await out.size();
            EXPECT_GT(size, 900U << 10);
            EXPECT_LE(size, 1U << 20);
            co_await out.truncate(0);  // and there is room again
            co_await out.write_at(0, bytes_of("x"));
        },
        folder / "file"
    );
}

TEST_P(file_parts, what_may_not_be_written_is_not) {
    run(
        [](path at) -> task<> {
            co_await write(at, "content");
            file in = co_await file::open(at);
            const auto refused = [](file& only_read) -> task<> {
                const std::array parts{bytes_of("x")};
                co_await only_read.write_at(0, parts);
            };
            const std::error_code error = co_await error_of(refused, in);
            EXPECT_EQ(error, std::errc::bad_file_descriptor);
            const std::string content = co_await read(at);
            EXPECT_EQ(content, "content");
        },
        folder / "file"
    );
}

TEST_P(file_parts, of_a_pipe_one_buffer_is_taken_and_a_stop_ends_the_wait) {
    const path pipe = folder / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    run(
        [](path at) -> task<> {
            file both = co_await file::open(at, open_options().read().write());
            const std::array written{bytes_of(""), bytes_of("one"), bytes_of("two")};
            const std::size_t taken = co_await both.write_some(written);
            EXPECT_EQ(taken, 3U);
            std::string back(10, '.');
            const std::array parts{room_of(back)};
            const std::size_t count = co_await both.read_some(parts);
            EXPECT_EQ(back.substr(0, count), "one");
            co_await testing::expect_stop_ends(
                [](testing::borrowed<file> from) -> task<> {
                    std::string more(10, '.');
                    const std::array room{room_of(more)};
                    (void)co_await from->read_some(room);
                },
                testing::borrowed<file>(both)
            );
        },
        pipe
    );
}

task<> read_a_part(testing::borrowed<file> from, std::size_t part) {
    std::string text(8, '.');
    const std::size_t count = co_await from->read_at(part * 8, room_of(text));
    EXPECT_EQ(text.substr(0, count), std::string(8, static_cast<char>('a' + part % 26)));
}

TEST_P(file_parts, many_tasks_read_one_file_at_once) {
    constexpr std::size_t many = 500;
    std::string content;
    for (std::size_t i = 0; i < many; ++i)
        content += std::string(8, static_cast<char>('a' + i % 26));
    run(
        [](path at, std::string text) -> task<> {
            co_await write(at, text);
            file from = co_await file::open(at);
            co_await scope(
                [](task_scope& jobs, file& shared) -> task<> {
                    jobs.limit(200);
                    for (std::size_t i = 0; i < many; ++i)
                        (void)co_await jobs.spawn(read_a_part, testing::borrowed(shared), i);
                },
                from
            );
        },
        folder / "file",
        content
    );
}

}  // namespace
}  // namespace amphi::fs
