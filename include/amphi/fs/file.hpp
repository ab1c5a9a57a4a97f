// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/export.hpp>
#include <amphi/fs/file_lock.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>

namespace amphi {

namespace fs {

/// How to open a file. Without `read` or `write` it is read.
class open_options {
public:
    open_options() = default;

    open_options& read(bool on = true) noexcept { return set(read_, on); }
    open_options& write(bool on = true) noexcept { return set(write_, on); }
    /// Every write goes to the end; implies `write`.
    open_options& append(bool on = true) noexcept { return set(append_, on); }
    /// Makes the file when there is none.
    open_options& create(bool on = true) noexcept { return set(create_, on); }
    /// Makes the file, and fails when there is one, be it a symbolic link to nowhere.
    open_options& exclusive(bool on = true) noexcept { return set(exclusive_, on); }
    /// Empties the file.
    open_options& truncate(bool on = true) noexcept { return set(truncate_, on); }
    /// Fails when the path's last part is a symbolic link.
    open_options& no_follow(bool on = true) noexcept { return set(no_follow_, on); }
    /// The permissions of a file that is made, of which the process's umask takes away.
    open_options& permissions(std::filesystem::perms allowed) noexcept {
        permissions_ = allowed;
        return *this;
    }

    /// As open(2) takes them.
    [[nodiscard]] AMPHI_EXPORT int flags() const noexcept;
    [[nodiscard]] std::filesystem::perms permissions() const noexcept { return permissions_; }

private:
    open_options& set(bool& option, bool on) noexcept {
        option = on;
        return *this;
    }

    bool read_ = false;
    bool write_ = false;
    bool append_ = false;
    bool create_ = false;
    bool exclusive_ = false;
    bool truncate_ = false;
    bool no_follow_ = false;
    std::filesystem::perms permissions_{0666};
};

/// From where an offset counts.
enum class seek_from : std::uint8_t { start, here, end };

/// How a part of a file will be used: in order, here and there, soon, once, not any more.
enum class access : std::uint8_t { normal, sequential, random, soon, once, over };

/// Several buffers for one call.
using buffers = std::span<const std::span<std::byte>>;
using const_buffers = std::span<const std::span<const std::byte>>;

/// A file that is open.
///
/// The kernel cannot wait for regular files, so on async each call goes to a plain thread of a pool
/// and comes back; a plain thread just makes it. The pool runs 64 calls at once and the others
/// queue, so a thousand tasks that read a file cost no thousand threads. Many small calls are
/// cheaper together: with several buffers at once, or in a function of your own by
/// `co_await on(threads, f, args...)`. For named pipes, terminals and other devices it can wait:
/// `read_some` and `write_some` wait as `readable` and `writable` do. A named pipe is open for
/// reading at once, and its first read waits for somebody who writes.
///
/// Threads: what has no place that moves, `read_at`, `write_at`, `sync` and the like, from several
/// tasks at once; `read_some`, `write_some` and `seek` one at a time. Move-only, sendable.
/// Cancellation: seen before a call begins; one that has begun ends first, in both lives. A wait
/// for a pipe or a device ends at once, and nothing is lost; so do the open of a named pipe for
/// writing alone, which waits for a reader on a plain thread of its own, and a wait for a lock.
/// Lifetime: no call may be under way when it is closed or destroyed.
/// Errors: `std::system_error`, naming the path; the use of a closed one is EBADF. A write to a
/// named pipe that nobody reads any more is EPIPE, and no SIGPIPE.
class AMPHI_EXPORT file {
public:
    [[nodiscard]] static task<file> open(std::filesystem::path path, open_options how = {});

    file(file&& other) noexcept = default;
    file& operator=(file&& other) noexcept = default;
    ~file() = default;

    /// Reads on from where the last read or write has ended. Zero is the end of the file.
    [[nodiscard]] task<std::size_t> read_some(std::span<std::byte> into);
    [[nodiscard]] task<std::size_t> write_some(std::span<const std::byte> from);

    /// The same with several buffers, filled and emptied in their order, in one system call: at
    /// most 1024 that are not empty are taken. Of a pipe or a device only the first of those is.
    [[nodiscard]] task<std::size_t> read_some(buffers into);
    [[nodiscard]] task<std::size_t> write_some(const_buffers from);

    /// Reads from a place of its own and says how much: all that fits, or up to the file's end.
    [[nodiscard]] task<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into);
    [[nodiscard]] task<std::size_t> read_at(std::uint64_t offset, buffers into);
    /// Writes everything to a place of its own. (To a file that is open for appending, Linux
    /// writes at the end all the same.)
    [[nodiscard]] task<> write_at(std::uint64_t offset, std::span<const std::byte> from);
    [[nodiscard]] task<> write_at(std::uint64_t offset, const_buffers from);

    /// Where the next `read_some` or `write_some` begins, from the file's start; it may lie beyond
    /// the end. `seek(0, seek_from::here)` only tells.
    task<std::uint64_t> seek(std::int64_t offset, seek_from from = seek_from::start);

    /// Returns when what was written would survive a power cut.
    [[nodiscard]] task<> sync();
    /// The same without what is not needed to read it, as the time of the last write.
    [[nodiscard]] task<> sync_data();
    [[nodiscard]] task<std::uint64_t> size();
    /// Cuts the file off, or lengthens it with zeros.
    [[nodiscard]] task<> truncate(std::uint64_t size);
    /// Gives a part of the file its room on the disk, so that no write to it meets a full one; the
    /// file grows to its end. EOPNOTSUPP where the file system cannot.
    [[nodiscard]] task<> allocate(std::uint64_t offset, std::uint64_t size);
    /// Tells the kernel how a part will be used, so that it reads ahead or forgets; size 0 is to
    /// the end. It changes no result.
    [[nodiscard]] task<> advise(access use, std::uint64_t offset = 0, std::uint64_t size = 0);

    /// Locks the file, or a part of it, against those who lock it elsewhere: for writing alone, or
    /// shared, for reading. Waiting for it takes a plain thread, in both lives, and ends at once by
    /// a stop or a deadline. Nothing finds out that two wait for each other.
    [[nodiscard]] task<file_lock> lock(byte_range part = {});
    [[nodiscard]] task<file_lock> lock_shared(byte_range part = {});
    /// Never waits; nothing when somebody else has a lock there.
    [[nodiscard]] task<std::optional<file_lock>> try_lock(byte_range part = {});
    [[nodiscard]] task<std::optional<file_lock>> try_lock_shared(byte_range part = {});

    /// Throws what the file system found out only now, as network ones do; closed it is then too.
    void close();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    /// The descriptor, which stays the file's; -1 when closed.
    [[nodiscard]] int native_handle() const noexcept { return fd_.get(); }

private:
    friend class named_temporary_file;
    friend task<file> temporary_file(std::filesystem::path folder);

    file(descriptor fd, std::filesystem::path path, bool waits) noexcept
        : fd_(std::move(fd))
        , path_(std::move(path))
        , waits_(waits) {}

    descriptor fd_;
    std::filesystem::path path_;
    bool waits_;  // no regular file: it is non-blocking, and is waited for
};

}  // namespace fs

template <>
inline constexpr bool enable_sendable<std::filesystem::path> = true;
template <>
inline constexpr bool enable_sendable<fs::open_options> = true;
template <>
inline constexpr bool enable_sendable<fs::file> = true;

}  // namespace amphi
