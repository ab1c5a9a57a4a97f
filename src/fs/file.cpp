// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/file.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/io/write_without_signal.hpp>
#include <amphi/task/task.hpp>

#include "blocked_call.hpp"
#include "blocking.hpp"
#include "vectored.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
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
using filled_buffers = detail::lent_buffer<const std::span<std::byte>>;
using written_buffers = detail::lent_buffer<const std::span<const std::byte>>;

/// What was opened, and whether it is to be waited for: a named pipe, a terminal, another device.
/// Nothing was opened when it is a pipe that nobody reads.
using opened = std::pair<descriptor, bool>;

void make_non_blocking(const descriptor& fd, const std::filesystem::path& path) {
    const int now = ::fcntl(fd.get(), F_GETFL);
    if (now < 0 || ::fcntl(fd.get(), F_SETFL, now | O_NONBLOCK) != 0)
        detail::throw_file_error("open", path);
}

opened open_now(const std::filesystem::path& path, const open_options& how) {
    // Looked at before, since the open of a named pipe would wait already. What is made anew is a
    // regular file, and what takes the place of one meanwhile is treated as one: its calls block.
    const bool made = (how.flags() & O_EXCL) != 0;
    const std::filesystem::file_type found =
        made ? std::filesystem::file_type::regular : detail::waited_for(path);
    if (found == std::filesystem::file_type::regular) return {detail::open_file(path, how), false};

    const int flags = how.flags() | O_NOCTTY | O_NONBLOCK;
    const auto mode = static_cast<mode_t>(how.permissions());
    descriptor fd(detail::uninterrupted([&] { return ::open(path.c_str(), flags, mode); }));
    const bool nobody_reads = errno == ENXIO && found == std::filesystem::file_type::fifo;
    if (!fd && !nobody_reads) detail::throw_file_error("open", path);
    // Some devices take the flag only so.
    if (fd) make_non_blocking(fd, path);
    return {std::move(fd), true};
}

/// A pipe that nobody reads refuses to be opened for writing unless its opener waits in open(2).
/// inotify(7) does not tell of its reader: who opens it to read waits for the writer before that.
class open_for_writing : public detail::blocked_call {
public:
    open_for_writing(const std::filesystem::path& path, int flags, mode_t mode)
        : path_(path)
        , flags_(flags)
        , mode_(mode) {}

    /// At the end, when it was successful.
    [[nodiscard]] descriptor take() noexcept { return std::move(fd_); }

private:
    int call() noexcept override {
        fd_.reset(::open(path_.c_str(), flags_, mode_));
        return fd_ ? 0 : -errno;
    }

    std::filesystem::path path_;
    int flags_;
    mode_t mode_;
    descriptor fd_;
};

task<descriptor> open_when_read(const std::filesystem::path& path, const open_options& how) {
    const auto mode = static_cast<mode_t>(how.permissions());
    const auto call = std::make_shared<open_for_writing>(path, how.flags() | O_NOCTTY, mode);
    const int result = co_await detail::complete(call);
    if (result != 0) {
        errno = -result;
        detail::throw_file_error("open", path);
    }
    descriptor fd = call->take();
    make_non_blocking(fd, path);
    co_return fd;
}

std::size_t read_now(const file& from, writable_buffer into) {
    return detail::read_file(from.native_handle(), from.path(), into.get());
}

std::size_t write_now(const file& to, readable_buffer from) {
    return detail::write_file(to.native_handle(), to.path(), from.get());
}

std::size_t read_all_now(const file& from, filled_buffers into) {
    return detail::read_vector(from.native_handle(), from.path(), into.get());
}

std::size_t write_all_now(const file& to, written_buffers from) {
    return detail::write_vector(to.native_handle(), to.path(), from.get());
}

std::size_t read_at_now(const file& from, std::uint64_t offset, filled_buffers into) {
    return detail::read_vector_at(from.native_handle(), from.path(), offset, into.get());
}

void write_at_now(const file& to, std::uint64_t offset, written_buffers from) {
    detail::write_vector_at(to.native_handle(), to.path(), offset, from.get());
}

std::uint64_t seek_now(const file& moved, std::int64_t offset, seek_from from) {
    constexpr std::array<int, 3> whence{SEEK_SET, SEEK_CUR, SEEK_END};
    const off_t place =
        ::lseek(moved.native_handle(), offset, whence[static_cast<std::size_t>(from)]);
    if (place < 0) detail::throw_file_error("seek in", moved.path());
    return static_cast<std::uint64_t>(place);
}

void sync_now(const file& written) {
    const int fd = written.native_handle();
    if (detail::uninterrupted([fd] { return ::fsync(fd); }) != 0)
        detail::throw_file_error("sync", written.path());
}

void sync_data_now(const file& written) {
    const int fd = written.native_handle();
    if (detail::uninterrupted([fd] { return ::fdatasync(fd); }) != 0)
        detail::throw_file_error("sync", written.path());
}

void allocate_now(const file& grown, std::uint64_t offset, std::uint64_t size) {
    const int fd = grown.native_handle();
    const auto from = static_cast<off_t>(offset);
    const auto length = static_cast<off_t>(size);
    if (detail::uninterrupted([=] { return ::fallocate(fd, 0, from, length); }) != 0)
        detail::throw_file_error("allocate room for", grown.path());
}

void advise_now(const file& used, access use, std::uint64_t offset, std::uint64_t size) {
    constexpr std::array<int, 6> advice{
        POSIX_FADV_NORMAL,
        POSIX_FADV_SEQUENTIAL,
        POSIX_FADV_RANDOM,
        POSIX_FADV_WILLNEED,
        POSIX_FADV_NOREUSE,
        POSIX_FADV_DONTNEED
    };
    errno = ::posix_fadvise(
        used.native_handle(),
        static_cast<off_t>(offset),
        static_cast<off_t>(size),
        advice[static_cast<std::size_t>(use)]
    );
    if (errno != 0) detail::throw_file_error("advise on", used.path());
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
    if (!made.first) made.first = co_await open_when_read(path, how);
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

task<std::size_t> file::read_some(buffers into) {
    const auto first = detail::first_of(into);
    if (waits_ && fd_ && !first.empty()) co_return co_await read_when_ready(*this, first);
    const filled_buffers lent(into);
    co_return co_await on(threads, read_all_now, *this, lent);
}

task<std::size_t> file::write_some(const_buffers from) {
    const auto first = detail::first_of(from);
    if (waits_ && fd_ && !first.empty()) co_return co_await write_when_ready(*this, first);
    const written_buffers lent(from);
    co_return co_await on(threads, write_all_now, *this, lent);
}

task<std::size_t> file::read_at(std::uint64_t offset, std::span<std::byte> into) {
    const filled_buffers lent(buffers(&into, 1));
    co_return co_await on(threads, read_at_now, *this, offset, lent);
}

task<std::size_t> file::read_at(std::uint64_t offset, buffers into) {
    const filled_buffers lent(into);
    co_return co_await on(threads, read_at_now, *this, offset, lent);
}

task<> file::write_at(std::uint64_t offset, std::span<const std::byte> from) {
    const written_buffers lent(const_buffers(&from, 1));
    co_await on(threads, write_at_now, *this, offset, lent);
}

task<> file::write_at(std::uint64_t offset, const_buffers from) {
    const written_buffers lent(from);
    co_await on(threads, write_at_now, *this, offset, lent);
}

task<std::uint64_t> file::seek(std::int64_t offset, seek_from from) {
    co_return co_await on(threads, seek_now, *this, offset, from);
}

task<> file::sync() {
    co_await on(threads, sync_now, *this);
}

task<> file::sync_data() {
    co_await on(threads, sync_data_now, *this);
}

task<std::uint64_t> file::size() {
    co_return co_await on(threads, size_now, *this);
}

task<> file::truncate(std::uint64_t size) {
    co_await on(threads, truncate_now, *this, size);
}

task<> file::allocate(std::uint64_t offset, std::uint64_t size) {
    co_await on(threads, allocate_now, *this, offset, size);
}

task<> file::advise(access use, std::uint64_t offset, std::uint64_t size) {
    co_await on(threads, advise_now, *this, use, offset, size);
}

void file::close() {
    detail::close_file(std::move(fd_), path_);
}

}  // namespace amphi::fs
