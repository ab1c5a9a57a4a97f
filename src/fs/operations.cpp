// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/operations.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/task/task.hpp>

#include "blocking.hpp"

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

namespace amphi::fs {

namespace {

using std::filesystem::file_type;
using std::filesystem::path;

using content_buffer = detail::lent_buffer<const std::byte>;

std::string read_now(const path& from) {
    const descriptor fd = detail::open_file(from, open_options().read());
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) detail::throw_file_error("tell the size of", from);

    // One byte more than the size, so that the end is seen without another round. Files of the
    // kernel say 0 and have content all the same.
    std::string content(static_cast<std::size_t>(status.st_size) + 1, '\0');
    std::size_t filled = 0;
    for (;;) {
        if (filled == content.size()) content.resize(2 * content.size() + 4096);
        const auto room = std::as_writable_bytes(std::span(content)).subspan(filled);
        const std::size_t count = detail::read_file(fd.get(), from, room);
        if (count == 0) break;
        filled += count;
    }
    content.resize(filled);
    return content;
}

void write_now(const path& to, content_buffer content) {
    descriptor fd = detail::open_file(to, open_options().write().create().truncate());
    std::span<const std::byte> left = content.get();
    while (!left.empty())
        left = left.subspan(detail::write_file(fd.get(), to, left));
    detail::close_file(std::move(fd), to);
}

void rename_now(const path& from, const path& to, existing target) {
    const unsigned flags = target == existing::keep ? RENAME_NOREPLACE : 0;
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) != 0)
        detail::throw_system_error(
            errno, "rename", "'" + from.string() + "' to '" + to.string() + "'"
        );
}

bool remove_now(const path& removed) {
    if (std::remove(removed.c_str()) == 0) return true;
    if (errno != ENOENT) detail::throw_file_error("remove", removed);
    return false;
}

file_type type_of(mode_t mode) noexcept {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return file_type::regular;
    case S_IFDIR:
        return file_type::directory;
    case S_IFLNK:
        return file_type::symlink;
    case S_IFBLK:
        return file_type::block;
    case S_IFCHR:
        return file_type::character;
    case S_IFIFO:
        return file_type::fifo;
    case S_IFSOCK:
        return file_type::socket;
    default:
        return file_type::unknown;
    }
}

metadata stat_now(const path& of) {
    struct stat status{};
    if (::stat(of.c_str(), &status) != 0) detail::throw_file_error("look at", of);
    const auto since_epoch = std::chrono::seconds(status.st_mtim.tv_sec) +
                             std::chrono::nanoseconds(status.st_mtim.tv_nsec);
    return {
        type_of(status.st_mode),
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

void create_directories_now(const path& made) {
    std::error_code error;
    std::filesystem::create_directories(made, error);
    if (error)
        detail::throw_system_error(error.value(), "make the directory", "'" + made.string() + "'");
}

std::vector<directory_entry> list_now(const path& directory) {
    const std::unique_ptr<DIR, int (*)(DIR*)> opened(::opendir(directory.c_str()), ::closedir);
    if (!opened) detail::throw_file_error("list", directory);
    std::vector<directory_entry> entries;
    for (;;) {
        errno = 0;
        // NOLINTNEXTLINE(concurrency-mt-unsafe): the directory is open for this call alone
        const dirent* const entry = ::readdir(opened.get());
        if (entry == nullptr) break;
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            entries.emplace_back(std::string(name), type_of(DTTOIF(mode_t{entry->d_type})));
    }
    if (errno != 0) detail::throw_file_error("list", directory);
    return entries;
}

}  // namespace

task<std::string> read(const path& at) {
    co_return co_await on(threads, read_now, at);
}

task<> write(const path& at, std::span<const std::byte> content) {
    const content_buffer buffer(content);
    co_await on(threads, write_now, at, buffer);
}

task<> write(const path& at, std::string_view content) {
    return write(at, std::as_bytes(std::span(content)));
}

task<> rename(const path& from, const path& to, existing target) {
    co_await on(threads, rename_now, from, to, target);
}

task<bool> remove(const path& at) {
    co_return co_await on(threads, remove_now, at);
}

task<metadata> stat(const path& at) {
    co_return co_await on(threads, stat_now, at);
}

task<bool> exists(const path& at) {
    co_return co_await on(threads, exists_now, at);
}

task<> create_directories(const path& at) {
    co_await on(threads, create_directories_now, at);
}

task<std::vector<directory_entry>> list(const path& directory) {
    co_return co_await on(threads, list_now, directory);
}

}  // namespace amphi::fs
