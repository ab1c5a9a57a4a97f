// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/fs/walk.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/timeout.hpp>

#include "support/error_of.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace amphi::fs {
namespace {

namespace std_fs = std::filesystem;
using std_fs::path;
using testing::error_of;

class walk_test : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, walk_test, testing::all_lives(), testing::name_of_life);

std::string quoted(const path& at) {
    return "'" + at.string() + "'";
}

void put(const path& at, const std::string& text) {
    std::ofstream(at) << text;
}

static_assert(sendable<walk> && sendable<walk_entry> && !std::is_aggregate_v<walk_options>);

/// Everything below `at`, with its depth, in the order of names.
task<std::vector<std::string>> all_of(path at, walk_options how) {
    std::vector<std::string> told;
    walk found(at, how);
    for (;;) {
        const std::optional<walk_entry> entry = co_await found.next();
        if (!entry) break;
        const std::string name = entry->path().lexically_relative(at).string();
        told.push_back(name + " " + std::to_string(entry->depth()));
        EXPECT_EQ(entry->type(), std_fs::symlink_status(entry->path()).type());
    }
    const std::optional<walk_entry> end = co_await found.next();
    EXPECT_FALSE(end);
    std::sort(told.begin(), told.end());
    co_return told;
}

TEST_P(walk_test, it_tells_all_that_is_below_and_follows_no_link) {
    std_fs::create_directories(folder / "a/b");
    put(folder / "a/b/file", "x");
    std_fs::create_directory_symlink(folder.path(), folder / "a/loop");
    const std::vector<std::string> all{"a 0", "a/b 1", "a/b/file 2", "a/loop 1"};
    EXPECT_EQ(run(all_of, folder.path(), walk_options()), all);
    const std::vector<std::string> flat{"a 0"};
    EXPECT_EQ(run(all_of, folder.path(), walk_options().depth_max(0)), flat);
    const std::vector<std::string> to_one{"a 0", "a/b 1", "a/loop 1"};
    EXPECT_EQ(run(all_of, folder.path(), walk_options().depth_max(1)), to_one);
}

TEST_P(walk_test, many_entries_are_each_told_once) {
    std::vector<std::string> expected;
    for (const char* in : {"a", "b", "c"}) {
        std_fs::create_directory(folder / in);
        expected.push_back(std::string(in) + " 0");
        for (int i = 0; i < 400; ++i) {
            const std::string name = std::string(in) + "/" + std::to_string(i);
            put(folder / name, "");
            expected.push_back(name + " 1");
        }
    }
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(run(all_of, folder.path(), walk_options()), expected);
}

TEST_P(walk_test, a_folder_that_is_not_there_is_an_error) {
    const path missing = folder / "missing";
    EXPECT_EQ(
        error_of(on(), "list " + quoted(missing), all_of, missing, walk_options()),
        std::errc::no_such_file_or_directory
    );
    put(folder / "file", "x");
    const path file = folder / "file";
    EXPECT_EQ(
        error_of(on(), "list " + quoted(file), all_of, file, walk_options()),
        std::errc::not_a_directory
    );
}

/// Without the right of root to read everything, on this thread.
class unprivileged {
public:
    unprivileged() { EXPECT_EQ(::syscall(SYS_setresuid, -1, 65534, -1), 0); }
    unprivileged(const unprivileged&) = delete;
    unprivileged& operator=(const unprivileged&) = delete;
    ~unprivileged() { EXPECT_EQ(::syscall(SYS_setresuid, -1, 0, -1), 0); }
};

// On plain threads alone: what one thread may do is changed.
TEST_P(walk_test, a_folder_that_may_not_be_read_is_an_error_or_passed_by) {
    if (suspends()) GTEST_SKIP() << "rights are a thread's";
    std_fs::create_directories(folder / "closed");
    std_fs::create_directories(folder / "open/below");
    std_fs::permissions(folder.path(), std_fs::perms(0755));
    std_fs::permissions(folder / "closed", std_fs::perms::none);
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give up its rights";
    const unprivileged here;
    const std::vector<std::string> all{"closed 0", "open 0", "open/below 1"};
    EXPECT_EQ(run(all_of, folder.path(), walk_options().skip_forbidden()), all);
    run(
        [](path at) -> task<> {
            walk found(at);
            int entries = 0;
            int failures = 0;
            for (bool more = true; more;) {
                try {
                    const std::optional<walk_entry> entry = co_await found.next();
                    more = entry.has_value();
                    entries += more ? 1 : 0;
                } catch (const std::system_error& error) {
                    EXPECT_EQ(error.code(), std::errc::permission_denied);
                    EXPECT_EQ(
                        std::string(error.what()).rfind("list " + quoted(at / "closed"), 0), 0U
                    );
                    ++failures;
                }
            }
            EXPECT_EQ(entries, 3);
            EXPECT_EQ(failures, 1);
        },
        folder.path()
    );
}

TEST_P(walk_test, a_cancelled_one_goes_on_later) {
    put(folder / "file", "x");
    run(
        [](path at) -> task<> {
            walk found(at);
            bool ended = false;
            try {
                (void)co_await timeout(
                    std::chrono::milliseconds(0),
                    [](walk& from) -> task<> { (void)co_await from.next(); },
                    found
                );
            } catch (const timed_out&) {
                ended = true;
            }
            EXPECT_TRUE(ended);
            const std::optional<walk_entry> entry = co_await found.next();
            EXPECT_TRUE(entry.has_value());
        },
        folder.path()
    );
}

TEST_P(walk_test, the_depth_that_can_be_opened_is_the_limit) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    path deep = folder.path();
    for (int i = 0; i < 300; ++i)
        deep /= "d";
    std_fs::create_directories(deep);
    EXPECT_EQ(run(all_of, folder.path(), walk_options()).size(), 300U);
    rlimit few = before;
    few.rlim_cur = 200;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    EXPECT_EQ(
        error_of(
            on(),
            "list " + quoted(folder.path()).substr(0, 10),
            all_of,
            folder.path(),
            walk_options()
        ),
        std::errc::too_many_files_open
    );
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace amphi::fs
