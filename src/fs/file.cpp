// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/file.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/io/write_without_signal.hpp>
#include <amphi/task/task.hpp>

#include "blocking.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi::fs {

namespace {

using readable_buffer = detail::lent_buffer<const std::byte>;
using writable_buffer = detail::lent_buffer<std::byte>;

/// What was opened, and whether it is to be waited for: a named pipe, a terminal, another device.
using opened = std::pair<descriptor, bool>;

opened open_now(const std::filesystem::path& path, const open_options& how) {
    const int flags = how.flags();
    struct stat status{};
    // Looked at before, since the open of a named pipe would wait already. What is made anew is a
    // regular file, and what takes the place of one meanwhile is treated as one: its calls block.
    const bool there = (flags & O_EXCL) == 0 && ::stat(path.c_str(), &status) == 0;
    if (!there || !(S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)))
        return {detail::open_file(path, how), false};

    // A pipe that nobody reads refuses to be opened for writing unless its opener waits.
    const bool waits_for_reader = S_ISFIFO(status.st_mode) && (flags & O_ACCMODE) == O_WRONLY;
    descriptor fd = detail::open_file(path, how, O_NOCTTY | (waits_for_reader ? 0 : O_NONBLOCK));
    const int now = ::fcntl(fd.get(), F_GETFL);
    if (now < 0 || ::fcntl(fd.get(), F_SETFL, now | O_NONBLOCK) != 0)
        detail::throw_file_error("open", path);
    return {std::move(fd), true};
}

std::size_t read_now(const file& from, writable_buffer into) {
    return detail::read_file(from.native_handle(), from.path(), into.get());
}

std::size_t write_now(const file& to, readable_buffer from) {
    return detail::write_file(to.native_handle(), to.path(), from.get());
}

std::size_t read_at_now(const file& from, std::uint64_t offset, writable_buffer into) {
    std::span<std::byte> left = into.get();
    while (!left.empty()) {
        const ssize_t count = detail::uninterrupted([&] {
            return ::pread(
                from.native_handle(), left.data(), left.size(), static_cast<off_t>(offset)
            );
        });
        if (count < 0) detail::throw_file_error("read", from.path());
        if (count == 0) break;
        offset += static_cast<std::uint64_t>(count);
        left = left.subspan(static_cast<std::size_t>(count));
    }
    return into.get().size() - left.size();
}

void write_at_now(const file& to, std::uint64_t offset, readable_buffer from) {
    std::span<const std::byte> left = from.get();
    while (!left.empty()) {
        const ssize_t count = detail::uninterrupted([&] {
            return ::pwrite(
                to.native_handle(), left.data(), left.size(), static_cast<off_t>(offset)
            );
        });
        if (count < 0) detail::throw_file_error("write", to.path());
        offset += static_cast<std::uint64_t>(count);
        left = left.subspan(static_cast<std::size_t>(count));
    }
}

void sync_now(const file& written) {
    const int fd = written.native_handle();
    if (detail::uninterrupted([fd] { return ::fsync(fd); }) != 0)
        detail::throw_file_error("sync", written.path());
}

std::uint64_t size_now(const file& of) {
    struct stat status{};
    if (::fstat(of.native_handle(), &status) != 0)
        detail::throw_file_error("tell the size of", of.path());
    return static_cast<std::uint64_t>(status.st_size);
}

void truncate_now(const file& cut, std::uint64_t size) {
    const int fd = cut.native_handle();
    const auto length = static_cast<off_t>(size);
    if (detail::uninterrupted([=] { return ::ftruncate(fd, length); }) != 0)
        detail::throw_file_error("truncate", cut.path());
}

// Readiness first, in both: a pipe that nobody has opened for writing yet would look like its end,
// and another reader may come between the wait and the call.

task<std::size_t> read_when_ready(const file& from, std::span<std::byte> into) {
    const int fd = from.native_handle();
    for (;;) {
        auto ready = readable(fd);
        co_await ready;
        const ssize_t count =
            detail::uninterrupted([&] { return ::read(fd, into.data(), into.size()); });
        if (count >= 0) co_return static_cast<std::size_t>(count);
        if (errno != EAGAIN) detail::throw_file_error("read", from.path());
    }
}

task<std::size_t> write_when_ready(const file& to, std::span<const std::byte> from) {
    const int fd = to.native_handle();
    for (;;) {
        auto ready = writable(fd);
        co_await ready;
        const std::ptrdiff_t count = detail::write_without_signal(fd, from);
        if (count >= 0) co_return static_cast<std::size_t>(count);
        errno = static_cast<int>(-count);
        if (errno != EAGAIN && errno != EINTR) detail::throw_file_error("write", to.path());
    }
}

}  // namespace

int open_options::flags() const noexcept {
    const bool writes = write_ || append_;
    int flags = O_CLOEXEC;
    flags |= !writes ? O_RDONLY : (read_ ? O_RDWR : O_WRONLY);
    flags |= append_ ? O_APPEND : 0;
    flags |= create_ || exclusive_ ? O_CREAT : 0;
    flags |= exclusive_ ? O_EXCL : 0;
    flags |= truncate_ ? O_TRUNC : 0;
    flags |= no_follow_ ? O_NOFOLLOW : 0;
    return flags;
}

task<file> file::open(std::filesystem::path path, open_options how) {
    opened made = co_await on(threads, open_now, path, how);
    co_return file(std::move(made.first), std::move(path), made.second);
}

task<std::size_t> file::read_some(std::span<std::byte> into) {
    if (waits_ && fd_ && !into.empty()) co_return co_await read_when_ready(*this, into);
    const writable_buffer buffer(into);
    co_return co_await on(threads, read_now, *this, buffer);
}

task<std::size_t> file::write_some(std::span<const std::byte> from) {
    if (waits_ && fd_ && !from.empty()) co_return co_await write_when_ready(*this, from);
    const readable_buffer buffer(from);
    co_return co_await on(threads, write_now, *this, buffer);
}

task<std::size_t> file::read_at(std::uint64_t offset, std::span<std::byte> into) {
    const writable_buffer buffer(into);
    co_return co_await on(threads, read_at_now, *this, offset, buffer);
}

task<> file::write_at(std::uint64_t offset, std::span<const std::byte> from) {
    const readable_buffer buffer(from);
    co_await on(threads, write_at_now, *this, offset, buffer);
}

task<> file::sync() {
    co_await on(threads, sync_now, *this);
}

task<std::uint64_t> file::size() {
    co_return co_await on(threads, size_now, *this);
}

task<> file::truncate(std::uint64_t size) {
    co_await on(threads, truncate_now, *this, size);
}

void file::close() {
    detail::close_file(std::move(fd_), path_);
}

}  // namespace amphi::fs
