// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/copy.hpp>
#include <amphi/task/task.hpp>

#include "support/error_of.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

namespace amphi::fs {
namespace {

namespace std_fs = std::filesystem;
using std_fs::path;
using testing::error_of;

class copy_test : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, copy_test, testing::all_lives(), testing::name_of_life);

std::string quoted(const path& at) {
    return "'" + at.string() + "'";
}

void put(const path& at, const std::string& text) {
    std::ofstream(at) << text;
}

std::string text_of(const path& at) {
    std::ostringstream text;
    text << std::ifstream(at).rdbuf();
    return text.str();
}

TEST_P(copy_test, a_file_is_copied_with_its_permissions) {
    const std::string content(1'000'000, 'c');
    put(folder / "file", content);
    std_fs::permissions(folder / "file", std_fs::perms(0640));
    EXPECT_TRUE(run(fs::copy_file, folder / "file", folder / "copy", std_fs::copy_options::none));
    EXPECT_EQ(text_of(folder / "copy"), content);
    EXPECT_EQ(std_fs::status(folder / "copy").permissions(), std_fs::perms(0640));
}

TEST_P(copy_test, what_is_there_is_kept_replaced_or_an_error) {
    using std_fs::copy_options;
    put(folder / "new", "new");
    put(folder / "old", "old");
    const path from = folder / "new";
    const path to = folder / "old";
    EXPECT_EQ(
        error_of(
            on(),
            "copy " + quoted(from) + " to " + quoted(to),
            fs::copy_file,
            from,
            to,
            copy_options::none
        ),
        std::errc::file_exists
    );
    EXPECT_FALSE(run(fs::copy_file, from, to, copy_options::skip_existing));
    EXPECT_EQ(text_of(to), "old");
    EXPECT_TRUE(run(fs::copy_file, from, to, copy_options::overwrite_existing));
    EXPECT_EQ(text_of(to), "new");
}

TEST_P(copy_test, a_tree_is_copied_with_its_links) {
    using std_fs::copy_options;
    std_fs::create_directories(folder / "tree/a/b");
    put(folder / "tree/a/b/file", "deep");
    put(folder / "tree/file", "flat");
    std_fs::create_symlink("file", folder / "tree/link");
    run(fs::copy,
        folder / "tree",
        folder / "copy",
        copy_options::recursive | copy_options::copy_symlinks);
    EXPECT_EQ(text_of(folder / "copy/a/b/file"), "deep");
    EXPECT_EQ(text_of(folder / "copy/file"), "flat");
    EXPECT_EQ(std_fs::read_symlink(folder / "copy/link"), "file");
}

TEST_P(copy_test, what_cannot_be_copied_is_an_error) {
    using std_fs::copy_options;
    const path missing = folder / "missing";
    const path to = folder / "to";
    const std::string message = "copy " + quoted(missing) + " to " + quoted(to);
    EXPECT_EQ(
        error_of(on(), message, fs::copy_file, missing, to, copy_options::none),
        std::errc::no_such_file_or_directory
    );
    EXPECT_EQ(
        error_of(on(), message, fs::copy, missing, to, copy_options::recursive),
        std::errc::no_such_file_or_directory
    );
    put(folder / "file", "x");
    const path full = "/dev/full";
    EXPECT_TRUE(error_of(
        on(),
        "copy " + quoted(folder / "file") + " to " + quoted(full),
        fs::copy_file,
        folder / "file",
        full,
        copy_options::overwrite_existing
    ));
}

}  // namespace
}  // namespace amphi::fs
