// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/executor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/fs/operations.hpp>
#include <amphi/fs/watcher.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/error_of.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi::fs {
namespace {

namespace std_fs = std::filesystem;
using std_fs::path;

static_assert(sendable<watcher> && sendable<change>);

class watcher_test : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, watcher_test, testing::all_lives(), testing::name_of_life);

void put(const path& at, const std::string& text) {
    std::ofstream(at) << text;
}

task<> expect_next(watcher& from, change_kind kind, path at) {
    const change next = co_await from.next();
    EXPECT_EQ(next.kind(), kind) << next.path();
    EXPECT_EQ(next.path(), at);
}

TEST_P(watcher_test, it_tells_what_happens_in_a_folder_in_order) {
    run(
        [](path in) -> task<> {
            watcher seen;
            co_await seen.add(in);
            put(in / "file", "x");
            std_fs::permissions(in / "file", std_fs::perms(0600));
            std_fs::rename(in / "file", in / "other");
            std_fs::remove(in / "other");
            std_fs::create_directory(in / "below");
            co_await expect_next(seen, change_kind::created, in / "file");
            co_await expect_next(seen, change_kind::modified, in / "file");
            co_await expect_next(seen, change_kind::written, in / "file");
            co_await expect_next(seen, change_kind::attributes, in / "file");
            const change from = co_await seen.next();
            EXPECT_EQ(from.kind(), change_kind::moved_from);
            EXPECT_EQ(from.path(), in / "file");
            EXPECT_NE(from.cookie(), 0U);
            const change to = co_await seen.next();
            EXPECT_EQ(to.kind(), change_kind::moved_to);
            EXPECT_EQ(to.path(), in / "other");
            EXPECT_EQ(to.cookie(), from.cookie());
            co_await expect_next(seen, change_kind::removed, in / "other");
            const change made = co_await seen.next();
            EXPECT_EQ(made.kind(), change_kind::created);
            EXPECT_TRUE(made.is_directory());
        },
        folder.path()
    );
}

TEST_P(watcher_test, only_what_was_asked_for_is_told) {
    std_fs::create_directory(folder / "a");
    std_fs::create_directory(folder / "b");
    run(
        [](path in) -> task<> {
            watcher seen;
            co_await seen.add(in / "a", change_kind::removed);
            co_await seen.add(in / "b", change_kind::created | change_kind::removed);
            put(in / "a/one", "x");
            put(in / "b/two", "x");
            std_fs::remove(in / "a/one");
            co_await expect_next(seen, change_kind::created, in / "b/two");
            co_await expect_next(seen, change_kind::removed, in / "a/one");
            co_await seen.add(in / "a", change_kind::created);
            put(in / "a/three", "x");
            co_await expect_next(seen, change_kind::created, in / "a/three");
            EXPECT_TRUE(seen.remove(in / "a"));
            EXPECT_FALSE(seen.remove(in / "a"));
            put(in / "a/four", "x");
            put(in / "b/five", "x");
            co_await expect_next(seen, change_kind::created, in / "b/five");
        },
        folder.path()
    );
}

TEST_P(watcher_test, of_what_is_removed_nothing_is_told_that_was_read_before) {
    std_fs::create_directory(folder / "a");
    std_fs::create_directory(folder / "b");
    run(
        [](path in) -> task<> {
            watcher seen;
            co_await seen.add(in / "a", change_kind::created);
            co_await seen.add(in / "b", change_kind::created);
            put(in / "a/one", "x");
            put(in / "a/two", "x");
            co_await expect_next(seen, change_kind::created, in / "a/one");
            EXPECT_TRUE(seen.remove(in / "a"));
            put(in / "b/three", "x");
            co_await expect_next(seen, change_kind::created, in / "b/three");
        },
        folder.path()
    );
}

TEST_P(watcher_test, the_end_of_what_is_watched_is_told_once) {
    std_fs::create_directory(folder / "removed");
    std_fs::create_directory(folder / "moved");
    put(folder / "file", "x");
    run(
        [](path in) -> task<> {
            watcher seen;
            for (const char* name : {"removed", "moved", "file"})
                co_await seen.add(in / name, change_kind::created);
            std_fs::remove(in / "removed");
            std_fs::rename(in / "moved", in / "elsewhere");
            std_fs::remove(in / "file");
            co_await expect_next(seen, change_kind::gone, in / "removed");
            co_await expect_next(seen, change_kind::gone, in / "moved");
            co_await expect_next(seen, change_kind::gone, in / "file");
            EXPECT_FALSE(seen.remove(in / "moved"));
            put(in / "elsewhere/unseen", "x");
            co_await seen.add(in, change_kind::created);
            put(in / "seen", "x");
            co_await expect_next(seen, change_kind::created, in / "seen");
        },
        folder.path()
    );
}

task<> wait_for_one(testing::borrowed<watcher> from) {
    (void)co_await from->next();
}

TEST_P(watcher_test, a_stop_and_a_deadline_end_a_wait_and_nothing_is_lost) {
    run(
        [](path in) -> task<> {
            watcher seen;
            co_await seen.add(in, change_kind::created);
            testing::borrowed<watcher> by(seen);
            co_await testing::expect_stop_ends(wait_for_one, by);
            co_await testing::expect_deadline_ends(wait_for_one, by);
            put(in / "file", "x");
            co_await expect_next(seen, change_kind::created, in / "file");
        },
        folder.path()
    );
}

task<> put_later(path at) {
    co_await sleep_for(std::chrono::milliseconds(5));
    co_await write(at, "x");
}

TEST_P(watcher_test, a_wait_is_woken_by_a_change) {
    run(
        [](path in) -> task<> {
            watcher seen;
            co_await seen.add(in, change_kind::created);
            co_await scope(
                [](task_scope& jobs, watcher& by, const path& where) -> task<> {
                    (void)co_await jobs.spawn(put_later, where / "file");
                    co_await expect_next(by, change_kind::created, where / "file");
                },
                seen,
                in
            );
        },
        folder.path()
    );
}

TEST_P(watcher_test, it_is_a_branch_of_a_select) {
    run(
        [](path in) -> task<> {
            watcher seen;
            co_await seen.add(in, change_kind::created);
            auto first = co_await select(seen.readable(), sleep_for(std::chrono::milliseconds(5)));
            EXPECT_EQ(first.index(), 1U);
            put(in / "one", "x");
            put(in / "two", "x");
            first = co_await select(seen.readable(), sleep_for(std::chrono::seconds(60)));
            EXPECT_EQ(first.index(), 0U);
            co_await expect_next(seen, change_kind::created, in / "one");
            // The other one was read along: that counts, although the kernel has no more.
            first = co_await select(seen.readable(), sleep_for(std::chrono::seconds(60)));
            EXPECT_EQ(first.index(), 0U);
            co_await expect_next(seen, change_kind::created, in / "two");
        },
        folder.path()
    );
}

TEST_P(watcher_test, more_than_the_kernel_keeps_is_told_as_an_overflow) {
    std::size_t kept = 0;
    std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> kept;
    if (kept == 0 || kept > 100'000) GTEST_SKIP() << "the queue is too long to be filled";
    run(
        [](path in, std::size_t room) -> task<> {
            watcher seen;
            co_await seen.add(in, change_kind::moved_from | change_kind::moved_to);
            put(in / "a", "x");
            for (std::size_t i = 0; i < room / 2 + 10; ++i)
                std_fs::rename(in / (i % 2 == 0 ? "a" : "b"), in / (i % 2 == 0 ? "b" : "a"));
            std::size_t count = 0;
            for (;; ++count) {
                const change next = co_await seen.next();
                if (next.kind() == change_kind::overflow) {
                    EXPECT_TRUE(next.path().empty());
                    break;
                }
            }
            EXPECT_EQ(count, room);
            put(in / "c", "x");
            std_fs::rename(in / "c", in / "d");
            co_await expect_next(seen, change_kind::moved_from, in / "c");
        },
        folder.path(),
        kept
    );
}

TEST_P(watcher_test, what_cannot_be_watched_is_an_error) {
    const path missing = folder / "missing";
    EXPECT_EQ(
        testing::error_of(
            on(),
            "watch '" + missing.string() + "'",
            [](path at) -> task<> {
                watcher seen;
                co_await seen.add(at);
            },
            missing
        ),
        std::errc::no_such_file_or_directory
    );
}

/// In a child with a namespace of its own, whose users may have two watches and one watcher.
int meet_the_limits(const path& in) {
    if (::unshare(CLONE_NEWUSER) != 0) return 77;
    std::ofstream("/proc/sys/user/max_inotify_watches") << 2 << std::flush;
    std::ofstream("/proc/sys/user/max_inotify_instances") << 1 << std::flush;
    std::size_t set = 0;
    std::ifstream("/proc/sys/user/max_inotify_watches") >> set;
    if (set != 2) return 77;
    return amphi::run(
        threads,
        [](path at) -> task<int> {
            watcher seen;
            co_await seen.add(at / "a");
            co_await seen.add(at / "b");
            try {
                co_await seen.add(at / "c");
                co_return 1;
            } catch (const std::system_error& error) {
                if (error.code() != std::errc::no_space_on_device) co_return 2;
                const std::string what = error.what();
                if (what.find("fs.inotify.max_user_watches") == std::string::npos) co_return 3;
            }
            try {
                const watcher second;
                co_return 4;
            } catch (const std::system_error& error) {
                if (error.code() != std::errc::too_many_files_open) co_return 5;
                const std::string what = error.what();
                if (what.find("fs.inotify.max_user_instances") == std::string::npos) co_return 6;
            }
            seen.remove(at / "a");
            co_await seen.add(at / "c");
            co_return 0;
        },
        in
    );
}

TEST_P(watcher_test, the_limits_are_named) {
    if (suspends()) GTEST_SKIP() << "a limit is met alike in each life";
    for (const char* name : {"a", "b", "c"})
        std_fs::create_directory(folder / name);
    std_fs::permissions(folder.path(), std_fs::perms(0777));
    const pid_t child = ::fork();
    if (child == 0) ::_exit(meet_the_limits(folder.path()));
    ASSERT_GT(child, 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "no limits can be set here";
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace amphi::fs
