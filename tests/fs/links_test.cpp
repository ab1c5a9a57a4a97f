// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/links.hpp>
#include <amphi/task/task.hpp>

#include "support/error_of.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

namespace amphi::fs {
namespace {

namespace std_fs = std::filesystem;
using std_fs::path;
using testing::error_of;

class links_test : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, links_test, testing::all_lives(), testing::name_of_life);

std::string quoted(const path& at) {
    return "'" + at.string() + "'";
}

void put(const path& at, const std::string& text) {
    std::ofstream(at) << text;
}

TEST_P(links_test, a_symbolic_link_leads_where_it_was_told) {
    run(
        [](path at) -> task<> {
            co_await fs::create_symlink("file", at / "link");
            co_await fs::create_directory_symlink(at, at / "self");
            const path target = co_await fs::read_symlink(at / "link");
            EXPECT_EQ(target, "file");
            co_await fs::copy_symlink(at / "link", at / "copy");
            const path copied = co_await fs::read_symlink(at / "copy");
            EXPECT_EQ(copied, "file");
            const path self = co_await fs::read_symlink(at / "self");
            EXPECT_EQ(self, at);
        },
        folder.path()
    );
}

TEST_P(links_test, a_hard_link_is_the_file) {
    put(folder / "file", "content");
    run(fs::create_hard_link, folder / "file", folder / "again");
    EXPECT_TRUE(std_fs::equivalent(folder / "file", folder / "again"));
}

TEST_P(links_test, a_failure_names_both_paths) {
    put(folder / "file", "x");
    const path file = folder / "file";
    const path missing = folder / "missing";
    EXPECT_EQ(
        error_of(
            on(),
            "make the symbolic link " + quoted(file) + " to " + quoted("target"),
            fs::create_symlink,
            path("target"),
            file
        ),
        std::errc::file_exists
    );
    EXPECT_EQ(
        error_of(
            on(),
            "make the hard link " + quoted(folder / "new") + " to " + quoted(missing),
            fs::create_hard_link,
            missing,
            folder / "new"
        ),
        std::errc::no_such_file_or_directory
    );
    EXPECT_EQ(
        error_of(on(), "read the symbolic link " + quoted(file), fs::read_symlink, file),
        std::errc::invalid_argument
    );
    EXPECT_EQ(
        error_of(
            on(),
            "copy the symbolic link " + quoted(missing) + " to " + quoted(folder / "new"),
            fs::copy_symlink,
            missing,
            folder / "new"
        ),
        std::errc::no_such_file_or_directory
    );
}

}  // namespace
}  // namespace amphi::fs
