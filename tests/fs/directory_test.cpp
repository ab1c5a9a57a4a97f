// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/directory.hpp>
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

class directory_test : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, directory_test, testing::all_lives(), testing::name_of_life);

std::string quoted(const path& at) {
    return "'" + at.string() + "'";
}

void put(const path& at, const std::string& text) {
    std::ofstream(at) << text;
}

TEST_P(directory_test, a_directory_is_made_once) {
    const auto make = [](path at) -> task<bool> { co_return co_await fs::create_directory(at); };
    EXPECT_TRUE(run(make, folder / "new"));
    EXPECT_FALSE(run(make, folder / "new"));
    put(folder / "file", "x");
    const path taken = folder / "file";
    EXPECT_TRUE(error_of(on(), "make the directory " + quoted(taken), make, taken));
    const path deep = folder / "missing/new";
    EXPECT_EQ(
        error_of(on(), "make the directory " + quoted(deep), make, deep),
        std::errc::no_such_file_or_directory
    );
}

TEST_P(directory_test, it_can_be_like_another_one) {
    std_fs::create_directory(folder / "model");
    std_fs::permissions(folder / "model", std_fs::perms(0700));
    run(
        [](path at, path model) -> task<> {
            const bool made = co_await fs::create_directory(at, model);
            EXPECT_TRUE(made);
        },
        folder / "new",
        folder / "model"
    );
    EXPECT_EQ(std_fs::status(folder / "new").permissions(), std_fs::perms(0700));
}

TEST_P(directory_test, those_above_it_are_made_too) {
    EXPECT_TRUE(run(fs::create_directories, folder / "a/b/c"));
    EXPECT_FALSE(run(fs::create_directories, folder / "a/b/c"));
    EXPECT_TRUE(std_fs::is_directory(folder / "a/b/c"));
}

TEST_P(directory_test, a_list_of_what_is_no_directory_is_an_error) {
    put(folder / "file", "x");
    const path file = folder / "file";
    EXPECT_EQ(error_of(on(), "list " + quoted(file), fs::list, file), std::errc::not_a_directory);
    EXPECT_FALSE(run(fs::list, "/proc/self/task").empty());
}

}  // namespace
}  // namespace amphi::fs
