// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/file.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/task/task.hpp>

#include "blocking.hpp"

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
    descriptor fd = co_await on(threads, detail::open_file, path, how);
    co_return file(std::move(fd), std::move(path));
}

task<std::size_t> file::read_some(std::span<std::byte> into) {
    const writable_buffer buffer(into);
    co_return co_await on(threads, read_now, *this, buffer);
}

task<std::size_t> file::write_some(std::span<const std::byte> from) {
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
