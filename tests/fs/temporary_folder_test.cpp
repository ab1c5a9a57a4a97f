// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/operations.hpp>
#include <amphi/fs/temporary_folder.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include "support/error_of.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi::fs {
namespace {

using std::filesystem::path;
using std::filesystem::perms;

static_assert(sendable<temporary_folder> && !std::is_copy_constructible_v<temporary_folder>);

class temporary_folder_test : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, temporary_folder_test, testing::all_lives(), testing::name_of_life);

TEST_P(temporary_folder_test, it_is_gone_with_all_that_is_in_it) {
    run(
        [](path in) -> task<> {
            path at;
            {
                const temporary_folder made = co_await temporary_folder::make(in, "mine-");
                at = made.path();
                EXPECT_EQ(at.parent_path(), in);
                EXPECT_EQ(at.filename().string().rfind("mine-", 0), 0U);
                const metadata found = co_await fs::stat(at);
                EXPECT_EQ(found.permissions(), perms::owner_all);
                (void)co_await fs::create_directories(made / "a/b");
                co_await write(made / "a/b/file", "x");
            }
            const bool is_left = co_await fs::exists(at);
            EXPECT_FALSE(is_left);
        },
        folder.path()
    );
}

TEST_P(temporary_folder_test, it_can_be_removed_before_or_kept) {
    run(
        [](path in) -> task<> {
            temporary_folder made = co_await temporary_folder::make(in);
            co_await write(made / "file", "x");
            std::uintmax_t count = co_await made.remove();
            EXPECT_EQ(count, 2U);
            count = co_await made.remove();
            EXPECT_EQ(count, 0U);
            path at;
            {
                temporary_folder kept = co_await temporary_folder::make(in);
                at = kept.path();
                kept.keep();
            }
            const bool is_left = co_await fs::exists(at);
            EXPECT_TRUE(is_left);
        },
        folder.path()
    );
}

TEST_P(temporary_folder_test, what_was_moved_is_removed_once) {
    run(
        [](path in) -> task<> {
            temporary_folder one = co_await temporary_folder::make(in);
            temporary_folder other = co_await temporary_folder::make(in);
            const path first = one.path();
            const path second = other.path();
            one = std::move(other);
            bool is_left = co_await fs::exists(first);
            EXPECT_FALSE(is_left);
            is_left = co_await fs::exists(second);
            EXPECT_TRUE(is_left);
            EXPECT_EQ(one.path(), second);
        },
        folder.path()
    );
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_P(temporary_folder_test, a_fork_removes_nothing) {
    std::optional<temporary_folder> made;
    made.emplace(run(temporary_folder::make, folder.path(), std::string("tmp-")));
    const pid_t child = ::fork();
    if (child == 0) {
        made.reset();
        ::_exit(0);
    }
    ASSERT_GT(child, 0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_TRUE(std::filesystem::exists(made->path()));
}

TEST_P(temporary_folder_test, what_cannot_be_made_is_an_error) {
    const path missing = folder / "missing";
    const std::string what = "make a temporary folder as '" + missing.string();
    EXPECT_EQ(
        testing::error_of(on(), what, temporary_folder::make, missing, std::string("tmp-")),
        std::errc::no_such_file_or_directory
    );
    EXPECT_EQ(
        testing::error_of(
            on(),
            "name a temporary file with '../x'",
            temporary_folder::make,
            folder.path(),
            std::string("../x")
        ),
        std::errc::invalid_argument
    );
    EXPECT_EQ(
        testing::error_of(
            on(), "make a", temporary_folder::make, folder.path(), std::string(300, 'n')
        ),
        std::errc::filename_too_long
    );
}

}  // namespace
}  // namespace amphi::fs
