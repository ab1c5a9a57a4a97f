// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/executor.hpp>
#include <amphi/fs/operations.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::fs {
namespace {

using std::filesystem::file_type;
using std::filesystem::path;
using ::testing::HasSubstr;

static_assert(!std::is_aggregate_v<metadata> && !std::is_aggregate_v<directory_entry>);
static_assert(sendable<std::vector<directory_entry>> && sendable<metadata>);

class operations_test : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, operations_test, testing::all_lives(), testing::name_of_life);

/// Runs `f(args...)`, which must fail, and says with what.
template <class F, class... Args>
std::error_code error_of(executor where, const std::string& mentioned, F f, Args... args) {
    try {
        (void)amphi::run(where, f, args...);
    } catch (const std::system_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("'" + mentioned + "'"));
        return error.code();
    }
    return {};
}

task<> write_text(const path& to, std::string text) {
    co_await write(to, text);
}

TEST_P(operations_test, a_whole_file_is_written_and_read) {
    std::string content(3'000'000, '\0');
    for (std::size_t i = 0; i < content.size(); ++i)
        content[i] = static_cast<char>(i * 7);
    for (const std::string& text : {std::string(), std::string("short"), content}) {
        run(write_text, folder / "file", text);
        EXPECT_TRUE(run(read, folder / "file") == text) << text.size() << " bytes";
    }
}

TEST_P(operations_test, bytes_are_written_as_well_as_text) {
    run(
        [](path at) -> task<> {
            const std::vector<std::byte> bytes(3, std::byte{'x'});
            co_await write(at, bytes);
        },
        folder / "file"
    );
    EXPECT_EQ(run(read, folder / "file"), "xxx");
}

TEST_P(operations_test, a_file_that_tells_no_size_is_read_whole) {
    EXPECT_THAT(run(read, "/proc/self/status"), HasSubstr("Threads:"));
    EXPECT_GT(run(read, "/proc/self/smaps").size(), 4096U);
}

TEST_P(operations_test, a_failure_names_the_path) {
    const path missing = folder / "missing";
    const path below = missing / "file";
    EXPECT_EQ(
        error_of(on(), missing.string(), read, missing), std::errc::no_such_file_or_directory
    );
    EXPECT_EQ(
        error_of(on(), below.string(), write_text, below, "x"), std::errc::no_such_file_or_directory
    );
    EXPECT_EQ(
        error_of(on(), missing.string(), stat, missing), std::errc::no_such_file_or_directory
    );
    EXPECT_EQ(
        error_of(on(), missing.string(), list, missing), std::errc::no_such_file_or_directory
    );
    EXPECT_EQ(
        error_of(on(), missing.string(), rename, missing, folder / "x", existing::replace),
        std::errc::no_such_file_or_directory
    );
    EXPECT_EQ(
        error_of(on(), folder.path().string(), read, folder.path()), std::errc::is_a_directory
    );
}

TEST_P(operations_test, a_rename_replaces_or_keeps_what_is_there) {
    run(write_text, folder / "new", "new");
    run(write_text, folder / "old", "old");
    EXPECT_EQ(
        error_of(
            on(), (folder / "new").string(), rename, folder / "new", folder / "old", existing::keep
        ),
        std::errc::file_exists
    );
    EXPECT_EQ(run(read, folder / "old"), "old");
    run(rename, folder / "new", folder / "old", existing::replace);
    EXPECT_EQ(run(read, folder / "old"), "new");
    EXPECT_FALSE(run(exists, folder / "new"));
    run(rename, folder / "old", folder / "new", existing::keep);
    EXPECT_EQ(run(read, folder / "new"), "new");
}

TEST_P(operations_test, a_remove_tells_whether_there_was_something) {
    run(write_text, folder / "file", "x");
    EXPECT_TRUE(run(remove, folder / "file"));
    EXPECT_FALSE(run(remove, folder / "file"));
    run(create_directories, folder / "directory");
    EXPECT_TRUE(run(remove, folder / "directory"));
    run(create_directories, folder / "full/directory");
    EXPECT_EQ(
        error_of(on(), (folder / "full").string(), remove, folder / "full"),
        std::errc::directory_not_empty
    );
}

TEST_P(operations_test, a_tree_is_removed_and_its_links_are_not_followed) {
    run(create_directories, folder / "kept");
    run(write_text, folder / "kept/file", "x");
    run(create_directories, folder / "tree/a/b");
    run(write_text, folder / "tree/a/b/file", "x");
    std::filesystem::create_directory_symlink(folder / "kept", folder / "tree/link");
    EXPECT_EQ(run(remove_all, folder / "tree"), 5U);
    EXPECT_FALSE(run(exists, folder / "tree"));
    EXPECT_TRUE(run(exists, folder / "kept/file"));
    EXPECT_EQ(run(remove_all, folder / "tree"), 0U);
    const path busy = "/proc/self/fd";
    EXPECT_TRUE(error_of(on(), busy.string(), remove_all, busy));
}

TEST_P(operations_test, a_file_is_resized_by_its_name) {
    run(write_text, folder / "file", "12345");
    run(resize_file, folder / "file", std::uintmax_t{3});
    EXPECT_EQ(run(read, folder / "file"), "123");
    EXPECT_EQ(
        error_of(on(), folder.path().string(), resize_file, folder.path(), std::uintmax_t{3}),
        std::errc::is_a_directory
    );
}

TEST_P(operations_test, metadata_tell_kind_size_and_time) {
    using namespace std::chrono_literals;
    run(write_text, folder / "file", "12345");
    const metadata file = run(stat, folder / "file");
    EXPECT_TRUE(file.is_regular_file());
    EXPECT_FALSE(file.is_directory());
    EXPECT_EQ(file.size(), 5U);
    const auto age = std::chrono::system_clock::now() - file.modified();
    EXPECT_LT(age, 60s);
    EXPECT_GT(age, -60s);
    EXPECT_TRUE(run(stat, folder.path()).is_directory());
    EXPECT_EQ(run(stat, "/dev/null").type(), file_type::character);
}

TEST_P(operations_test, what_a_link_leads_to_decides_whether_it_exists) {
    std::filesystem::create_symlink(folder / "target", folder / "link");
    EXPECT_FALSE(run(exists, folder / "link"));
    run(write_text, folder / "target", "x");
    EXPECT_TRUE(run(exists, folder / "link"));
    EXPECT_FALSE(run(exists, folder / "target" / "below"));
}

TEST_P(operations_test, directories_are_made_with_those_above_them) {
    const path deep = folder / "a/b/c";
    run(create_directories, deep);
    EXPECT_TRUE(run(stat, deep).is_directory());
    EXPECT_NO_THROW(run(create_directories, deep));
    run(write_text, deep / "file", "x");
    EXPECT_EQ(
        error_of(on(), (deep / "file/d").string(), create_directories, deep / "file/d"),
        std::errc::not_a_directory
    );
}

TEST_P(operations_test, a_list_has_every_entry_once) {
    run(create_directories, folder / "directory");
    std::filesystem::create_symlink("nowhere", folder / "link");
    for (int i = 0; i < 300; ++i)
        run(write_text, folder / std::to_string(i), "");
    std::vector<directory_entry> entries = run(list, folder.path());
    EXPECT_EQ(entries.size(), 302U);
    const auto type_of = [&](const std::string& name) {
        const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
            return entry.name() == name;
        });
        return found == entries.end() ? file_type::not_found : found->type();
    };
    EXPECT_EQ(type_of("directory"), file_type::directory);
    EXPECT_EQ(type_of("link"), file_type::symlink);
    for (int i = 0; i < 300; ++i)
        EXPECT_EQ(type_of(std::to_string(i)), file_type::regular);
}

}  // namespace
}  // namespace amphi::fs
