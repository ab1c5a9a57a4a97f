// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/status.hpp>

#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/task/task.hpp>

#include "blocking.hpp"
#include "file_type_of.hpp"
#include "named_call.hpp"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include <sys/stat.h>

namespace amphi::fs {

namespace std_fs = std::filesystem;
using std_fs::path;

namespace {

metadata stat_now(const path& of) {
    struct stat status{};
    if (::stat(of.c_str(), &status) != 0) detail::throw_file_error("look at", of);
    const auto since_epoch = std::chrono::seconds(status.st_mtim.tv_sec) +
                             std::chrono::nanoseconds(status.st_mtim.tv_nsec);
    return {
        detail::type_of(status.st_mode),
        static_cast<std::filesystem::perms>(status.st_mode & 07777),
        static_cast<std::uint64_t>(status.st_size),
        metadata::file_time(since_epoch)
    };
}

bool exists_now(const path& searched) {
    struct stat status{};
    if (::stat(searched.c_str(), &status) == 0) return true;
    if (errno != ENOENT && errno != ENOTDIR) detail::throw_file_error("look for", searched);
    return false;
}

}  // namespace

task<metadata> stat(const path& at) {
    co_return co_await on(threads, stat_now, at);
}

task<bool> exists(const path& at) {
    co_return co_await on(threads, exists_now, at);
}

task<std_fs::file_status> status(const path& at) {
    return detail::named_call(
        "look at",
        [](const path& looked_at, std::error_code& error) {
            const std_fs::file_status found = std_fs::status(looked_at, error);
            if (std_fs::status_known(found)) error.clear();
            return found;
        },
        at
    );
}

task<std_fs::file_status> symlink_status(const path& at) {
    return detail::named_call(
        "look at",
        [](const path& looked_at, std::error_code& error) {
            const std_fs::file_status found = std_fs::symlink_status(looked_at, error);
            if (std_fs::status_known(found)) error.clear();
            return found;
        },
        at
    );
}

task<bool> is_block_file(const path& at) {
    const std_fs::file_status found = co_await fs::status(at);
    co_return std_fs::is_block_file(found);
}

task<bool> is_character_file(const path& at) {
    const std_fs::file_status found = co_await fs::status(at);
    co_return std_fs::is_character_file(found);
}

task<bool> is_directory(const path& at) {
    const std_fs::file_status found = co_await fs::status(at);
    co_return std_fs::is_directory(found);
}

task<bool> is_fifo(const path& at) {
    const std_fs::file_status found = co_await fs::status(at);
    co_return std_fs::is_fifo(found);
}

task<bool> is_other(const path& at) {
    const std_fs::file_status found = co_await fs::status(at);
    co_return std_fs::is_other(found);
}

task<bool> is_regular_file(const path& at) {
    const std_fs::file_status found = co_await fs::status(at);
    co_return std_fs::is_regular_file(found);
}

task<bool> is_socket(const path& at) {
    const std_fs::file_status found = co_await fs::status(at);
    co_return std_fs::is_socket(found);
}

task<bool> is_symlink(const path& at) {
    const std_fs::file_status found = co_await fs::symlink_status(at);
    co_return std_fs::is_symlink(found);
}

task<bool> is_empty(const path& at) {
    return detail::named_call(
        "look at", [](auto&... with) { return std_fs::is_empty(with...); }, at
    );
}

task<std::uintmax_t> file_size(const path& at) {
    return detail::named_call(
        "tell the size of", [](auto&... with) { return std_fs::file_size(with...); }, at
    );
}

task<std::uintmax_t> hard_link_count(const path& at) {
    return detail::named_call(
        "count the links of", [](auto&... with) { return std_fs::hard_link_count(with...); }, at
    );
}

task<std_fs::file_time_type> last_write_time(const path& at) {
    return detail::named_call(
        "tell the time of", [](auto&... with) { return std_fs::last_write_time(with...); }, at
    );
}

task<> last_write_time(const path& at, std_fs::file_time_type time) {
    return detail::named_call(
        "set the time of", [](auto&... with) { return std_fs::last_write_time(with...); }, at, time
    );
}

task<> permissions(const path& at, std_fs::perms changed, std_fs::perm_options how) {
    return detail::named_call(
        "set the permissions of",
        [](auto&... with) { return std_fs::permissions(with...); },
        at,
        changed,
        how
    );
}

task<bool> equivalent(const path& one, const path& other) {
    return detail::named_call(
        "compare", [](auto&... with) { return std_fs::equivalent(with...); }, one, other
    );
}

task<std_fs::space_info> space(const path& at) {
    return detail::named_call(
        "tell the space of", [](auto&... with) { return std_fs::space(with...); }, at
    );
}

}  // namespace amphi::fs
