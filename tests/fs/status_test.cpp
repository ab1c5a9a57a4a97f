// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/status.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include "support/error_of.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace amphi::fs {
namespace {

namespace std_fs = std::filesystem;
using std_fs::path;
using testing::error_of;

class status_test : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, status_test, testing::all_lives(), testing::name_of_life);

std::string quoted(const path& at) {
    return "'" + at.string() + "'";
}

void put(const path& at, const std::string& text) {
    std::ofstream(at) << text;
}

static_assert(sendable<std_fs::file_status> && sendable<std_fs::space_info>);

task<std::string> kinds(path at) {
    std::string found;
    const auto note = [&found](bool is, char letter) { found += is ? letter : '-'; };
    bool is = co_await fs::is_block_file(at);
    note(is, 'b');
    is = co_await fs::is_character_file(at);
    note(is, 'c');
    is = co_await fs::is_directory(at);
    note(is, 'd');
    is = co_await fs::is_fifo(at);
    note(is, 'p');
    is = co_await fs::is_regular_file(at);
    note(is, 'f');
    is = co_await fs::is_socket(at);
    note(is, 's');
    is = co_await fs::is_symlink(at);
    note(is, 'l');
    is = co_await fs::is_other(at);
    note(is, 'o');
    co_return found;
}

TEST_P(status_test, every_kind_of_file_is_known) {
    put(folder / "file", "x");
    std_fs::create_symlink("file", folder / "link");
    std_fs::create_symlink("nowhere", folder / "lost");
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    ASSERT_EQ(::mknod((folder / "socket").c_str(), S_IFSOCK | 0600, 0), 0);
    EXPECT_EQ(run(kinds, folder / "file"), "----f---");
    EXPECT_EQ(run(kinds, folder.path()), "--d-----");
    EXPECT_EQ(run(kinds, folder / "link"), "----f-l-");
    EXPECT_EQ(run(kinds, folder / "lost"), "------l-");
    EXPECT_EQ(run(kinds, folder / "pipe"), "---p---o");
    EXPECT_EQ(run(kinds, folder / "socket"), "-----s-o");
    EXPECT_EQ(run(kinds, "/dev/null"), "-c-----o");
    EXPECT_EQ(run(kinds, folder / "missing"), "--------");
}

TEST_P(status_test, a_status_is_of_the_link_or_of_what_it_leads_to) {
    std_fs::create_symlink("nowhere", folder / "link");
    const auto both = [](path at) -> task<std::pair<std_fs::file_type, std_fs::file_type>> {
        const std_fs::file_status of_target = co_await fs::status(at);
        const std_fs::file_status of_link = co_await fs::symlink_status(at);
        co_return std::pair(of_target.type(), of_link.type());
    };
    EXPECT_EQ(
        run(both, folder / "link"),
        std::pair(std_fs::file_type::not_found, std_fs::file_type::symlink)
    );
    EXPECT_EQ(
        run(both, folder / "link" / "below"),
        std::pair(std_fs::file_type::not_found, std_fs::file_type::not_found)
    );
}

TEST_P(status_test, a_loop_of_links_is_an_error) {
    std_fs::create_symlink("b", folder / "a");
    std_fs::create_symlink("a", folder / "b");
    const path loop = folder / "a";
    const auto error = std::errc::too_many_symbolic_link_levels;
    EXPECT_EQ(error_of(on(), "look at " + quoted(loop), fs::status, loop), error);
    EXPECT_EQ(error_of(on(), "look at " + quoted(loop), fs::stat, loop), error);
    EXPECT_EQ(error_of(on(), "look for " + quoted(loop), fs::exists, loop), error);
    EXPECT_EQ(error_of(on(), "look at " + quoted(loop), fs::is_directory, loop), error);
    EXPECT_EQ(error_of(on(), "tell the size of " + quoted(loop), fs::file_size, loop), error);
    EXPECT_TRUE(run(fs::is_symlink, loop));
}

TEST_P(status_test, a_name_that_is_too_long_is_an_error) {
    const path name = folder / std::string(300, 'n');
    const auto error = std::errc::filename_too_long;
    EXPECT_EQ(error_of(on(), "look at " + quoted(name), fs::status, name), error);
    EXPECT_EQ(error_of(on(), "look for " + quoted(name), fs::exists, name), error);
    EXPECT_EQ(error_of(on(), "tell the space of " + quoted(name), fs::space, name), error);
}

TEST_P(status_test, sizes_and_links_are_counted) {
    put(folder / "file", "12345");
    std_fs::create_hard_link(folder / "file", folder / "again");
    EXPECT_EQ(run(fs::file_size, folder / "file"), 5U);
    EXPECT_EQ(run(fs::hard_link_count, folder / "file"), 2U);
    EXPECT_EQ(
        error_of(on(), "tell the size of " + quoted(folder.path()), fs::file_size, folder.path()),
        std::errc::is_a_directory
    );
    const path missing = folder / "missing";
    EXPECT_EQ(
        error_of(on(), "count the links of " + quoted(missing), fs::hard_link_count, missing),
        std::errc::no_such_file_or_directory
    );
}

TEST_P(status_test, what_has_nothing_in_it_is_empty) {
    put(folder / "file", "");
    put(folder / "full", "x");
    std_fs::create_directory(folder / "folder");
    EXPECT_TRUE(run(fs::is_empty, folder / "file"));
    EXPECT_FALSE(run(fs::is_empty, folder / "full"));
    EXPECT_TRUE(run(fs::is_empty, folder / "folder"));
    EXPECT_FALSE(run(fs::is_empty, folder.path()));
    const path missing = folder / "missing";
    EXPECT_EQ(
        error_of(on(), "look at " + quoted(missing), fs::is_empty, missing),
        std::errc::no_such_file_or_directory
    );
}

TEST_P(status_test, the_time_of_the_last_write_can_be_set) {
    put(folder / "file", "x");
    const auto then = std_fs::last_write_time(folder / "file") - std::chrono::hours(100);
    const auto set_and_get = [](path at,
                                std_fs::file_time_type time) -> task<std_fs::file_time_type> {
        co_await fs::last_write_time(at, time);
        co_return co_await fs::last_write_time(at);
    };
    EXPECT_EQ(run(set_and_get, folder / "file", then), then);
    const path missing = folder / "missing";
    EXPECT_EQ(
        error_of(on(), "set the time of " + quoted(missing), set_and_get, missing, then),
        std::errc::no_such_file_or_directory
    );
}

TEST_P(status_test, permissions_are_replaced_added_and_taken) {
    using std_fs::perm_options;
    using std_fs::perms;
    put(folder / "file", "x");
    const auto change = [](path at, perms changed, perm_options how) -> task<perms> {
        co_await fs::permissions(at, changed, how);
        const metadata now = co_await fs::stat(at);
        co_return now.permissions();
    };
    EXPECT_EQ(run(change, folder / "file", perms(0640), perm_options::replace), perms(0640));
    EXPECT_EQ(run(change, folder / "file", perms(0004), perm_options::add), perms(0644));
    EXPECT_EQ(run(change, folder / "file", perms(0040), perm_options::remove), perms(0604));
    const path missing = folder / "missing";
    EXPECT_EQ(
        error_of(
            on(),
            "set the permissions of " + quoted(missing),
            change,
            missing,
            perms(0600),
            perm_options::replace
        ),
        std::errc::no_such_file_or_directory
    );
}

TEST_P(status_test, two_names_of_one_file_are_equivalent) {
    put(folder / "file", "x");
    put(folder / "other", "x");
    std_fs::create_symlink("file", folder / "link");
    EXPECT_TRUE(run(fs::equivalent, folder / "file", folder / "link"));
    EXPECT_FALSE(run(fs::equivalent, folder / "file", folder / "other"));
    const path one = folder / "missing";
    const path other = folder / "too";
    EXPECT_EQ(
        error_of(
            on(), "compare " + quoted(one) + " to " + quoted(other), fs::equivalent, one, other
        ),
        std::errc::no_such_file_or_directory
    );
}

TEST_P(status_test, a_disk_has_space) {
    const std_fs::space_info found = run(fs::space, folder.path());
    EXPECT_GT(found.capacity, 0U);
    EXPECT_LE(found.available, found.capacity);
}

}  // namespace
}  // namespace amphi::fs
