// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/export.hpp>
#include <amphi/task/sendable.hpp>

#include <cstdint>
#include <filesystem>

namespace amphi {

namespace fs {

class file;

/// A part of a file, by its bytes; they need not be there yet. By default the whole file.
class byte_range {
public:
    byte_range() = default;
    /// Size 0 is all from the offset on, however long the file gets.
    byte_range(std::uint64_t offset, std::uint64_t size) noexcept : offset_(offset), size_(size) {}

    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
    std::uint64_t offset_ = 0;
    std::uint64_t size_ = 0;
};

/// A lock on a file or a part of it, from `file::lock` and its like; unlocks when it is destroyed.
///
/// It excludes whoever has opened the file elsewhere and asks for a lock, also in this process, and
/// nobody who just reads and writes. Tasks that share one `file` are not excluded from each other:
/// for them there is `mutex`. Two locks of one `file` on the same bytes are one, the later kind
/// counts, and who unlocks first unlocks both.
///
/// Threads: one at a time. Move-only, sendable. Lifetime: may outlive the file, whose closing does
/// not unlock; a program that is started does not inherit it. After a fork the lock is its maker's:
/// the child's copy unlocks nothing, but the file is locked as long as either has it open.
/// Errors: `std::system_error` by `unlock`; the destructor has none.
class AMPHI_EXPORT file_lock {
public:
    file_lock(file_lock&& other) noexcept = default;
    file_lock& operator=(file_lock&& other) noexcept;
    ~file_lock();

    /// Never waits. Once; a second time is EBADF.
    void unlock();

    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(fd_); }

private:
    friend class file;
    file_lock(descriptor fd, byte_range part, std::filesystem::path path) noexcept;

    descriptor fd_;  // a duplicate of the file's; none when it is unlocked
    byte_range part_;
    std::filesystem::path path_;
    int maker_;  // the process
};

}  // namespace fs

template <>
inline constexpr bool enable_sendable<fs::byte_range> = true;
template <>
inline constexpr bool enable_sendable<fs::file_lock> = true;

}  // namespace amphi
