// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/file.hpp>
#include <amphi/fs/operations.hpp>
#include <amphi/fs/temporary_file.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include "support/error_of.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace amphi::fs {
namespace {

using std::filesystem::path;

static_assert(sendable<named_temporary_file>);
static_assert(!std::is_copy_constructible_v<named_temporary_file>);

class temporary_file_test : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, temporary_file_test, testing::all_lives(), testing::name_of_life);

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

task<> expect_private(int fd, nlink_t names) {
    struct stat status{};
    EXPECT_EQ(::fstat(fd, &status), 0);
    EXPECT_EQ(status.st_mode, S_IFREG | 0600U);
    EXPECT_EQ(status.st_nlink, names);
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    co_return;
}

task<> expect_it_works(file& used) {
    co_await used.write_at(0, bytes_of("content"));
    std::array<std::byte, 7> back{};
    const std::size_t count = co_await used.read_at(0, back);
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(back.data()), count), "content");
}

TEST_P(temporary_file_test, one_without_a_name_leaves_nothing) {
    run(
        [](path in) -> task<> {
            file made = co_await temporary_file(in);
            EXPECT_EQ(made.path(), in);
            co_await expect_private(made.native_handle(), 0);
            co_await expect_it_works(made);
            EXPECT_TRUE(std::filesystem::is_empty(in));
        },
        folder.path()
    );
    run([]() -> task<> {
        file made = co_await temporary_file();
        EXPECT_EQ(made.path(), std::filesystem::temp_directory_path());
    });
}

// proc(5) has no O_TMPFILE, and cannot make a file by a name either.
TEST_P(temporary_file_test, where_none_can_be_made_is_an_error) {
    const path missing = folder / "missing";
    EXPECT_EQ(
        testing::error_of(
            on(), "make a temporary file in '" + missing.string() + "'", temporary_file, missing
        ),
        std::errc::no_such_file_or_directory
    );
    EXPECT_TRUE(testing::error_of(
        on(), "make a temporary file as '/proc/tmp-", temporary_file, path("/proc")
    ));
}

TEST_P(temporary_file_test, one_with_a_name_is_removed) {
    run(
        [](path in) -> task<> {
            {
                named_temporary_file made = co_await named_temporary_file::make(in, "mine-");
                EXPECT_EQ(made.path().filename().string().rfind("mine-", 0), 0U);
                EXPECT_EQ(made.opened().path(), made.path());
                co_await expect_private(made.opened().native_handle(), 1);
                co_await expect_it_works(made.opened());
                const std::string content = co_await read(made.path());
                EXPECT_EQ(content, "content");
                const named_temporary_file moved = std::move(made);
                EXPECT_TRUE(std::filesystem::exists(moved.path()));
            }
            EXPECT_TRUE(std::filesystem::is_empty(in));
            named_temporary_file made = co_await named_temporary_file::make(in);
            bool removed = co_await made.remove();
            EXPECT_TRUE(removed);
            EXPECT_TRUE(std::filesystem::is_empty(in));
            removed = co_await made.remove();
            EXPECT_FALSE(removed);
        },
        folder.path()
    );
}

TEST_P(temporary_file_test, one_that_is_kept_has_its_name_in_one_step) {
    run(
        [](path in) -> task<> {
            const path name = in / "kept";
            co_await write(name, "former");
            {
                named_temporary_file made = co_await named_temporary_file::make(in);
                co_await write_all(made.opened(), bytes_of("new"));
                bool refused = false;
                try {
                    co_await made.keep(name, existing::keep);
                } catch (const std::system_error& error) {
                    EXPECT_EQ(error.code(), std::errc::file_exists);
                    refused = true;
                }
                EXPECT_TRUE(refused);
                std::string content = co_await read(name);
                EXPECT_EQ(content, "former");
                co_await made.keep(name);
                EXPECT_EQ(made.path(), name);
                EXPECT_EQ(made.opened().path(), name);
            }
            const std::string content = co_await read(name);
            EXPECT_EQ(content, "new");
            const auto left = co_await list(in);
            EXPECT_EQ(left.size(), 1U);
        },
        folder.path()
    );
}

}  // namespace
}  // namespace amphi::fs
