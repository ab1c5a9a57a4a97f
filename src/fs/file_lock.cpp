// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/file_lock.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/task/task.hpp>

#include "blocked_call.hpp"
#include "blocking.hpp"

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi::fs {

namespace {

// Locks of the open file description, F_OFD_*: those of a process are lost when it closes any
// descriptor of the file, and do not exclude its own threads.

/// 0, or a negated errno.
int change_lock(int fd, byte_range part, short kind, int command) noexcept {
    constexpr auto end = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
    // A negative length would be a part before the offset.
    if (part.offset() > end || part.size() > end) return -EINVAL;
    struct flock asked{};
    asked.l_type = kind;
    asked.l_whence = SEEK_SET;
    asked.l_start = static_cast<off_t>(part.offset());
    asked.l_len = static_cast<off_t>(part.size());
    for (;;) {
        if (::fcntl(fd, command, &asked) == 0) return 0;
        // The file system of a network may wait for its server in the other ones, too.
        if (errno != EINTR || command == F_OFD_SETLKW) return -errno;
    }
}

/// True when it is locked, false when somebody else has a lock there.
bool was_locked(int result, const std::filesystem::path& path, short kind) {
    if (result == 0) return true;
    if (result == -EAGAIN || result == -EACCES) return false;
    std::string what = "'" + path.string() + "'";
    if (result == -EBADF)
        what +=
            kind == F_WRLCK ? " (it must be open for writing)" : " (it must be open for reading)";
    detail::throw_system_error(-result, "lock", what);
}

bool try_lock_now(
    const descriptor& fd, byte_range part, const std::filesystem::path& path, short kind
) {
    return was_locked(change_lock(fd.get(), part, kind, F_OFD_SETLK), path, kind);
}

descriptor duplicate_of(const file& locked) {
    descriptor fd(::fcntl(locked.native_handle(), F_DUPFD_CLOEXEC, 0));
    if (!fd) detail::throw_file_error("lock", locked.path());
    return fd;
}

/// Waits in fcntl(2), which has no other way to wait for a lock.
class lock_call : public detail::blocked_call {
public:
    lock_call(int fd, byte_range part, short kind) noexcept : fd_(fd), part_(part), kind_(kind) {}

private:
    int call() noexcept override { return change_lock(fd_, part_, kind_, F_OFD_SETLKW); }

    int fd_;
    byte_range part_;
    short kind_;
};

task<> wait_for_lock(
    const descriptor& fd, byte_range part, const std::filesystem::path& path, short kind
) {
    const bool locked = co_await on(threads, try_lock_now, fd, part, path, kind);
    if (locked) co_return;
    const int result = co_await detail::complete(std::make_shared<lock_call>(fd.get(), part, kind));
    if (!was_locked(result, path, kind))
        detail::throw_system_error(EAGAIN, "wait for a lock on", "'" + path.string() + "'");
}

}  // namespace

file_lock::file_lock(descriptor fd, byte_range part, std::filesystem::path path) noexcept
    : fd_(std::move(fd))
    , part_(part)
    , path_(std::move(path))
    , maker_(::getpid()) {}

file_lock& file_lock::operator=(file_lock&& other) noexcept {
    if (this == &other) return *this;
    const file_lock former(std::move(*this));
    fd_ = std::move(other.fd_);
    part_ = other.part_;
    path_ = std::move(other.path_);
    maker_ = other.maker_;
    return *this;
}

file_lock::~file_lock() {
    // The file may be open still, and the lock with it: closing the duplicate does not unlock.
    if (fd_ && maker_ == ::getpid()) (void)change_lock(fd_.get(), part_, F_UNLCK, F_OFD_SETLK);
}

void file_lock::unlock() {
    const descriptor fd = std::move(fd_);
    const int result = change_lock(fd.get(), part_, F_UNLCK, F_OFD_SETLK);
    if (result != 0) detail::throw_system_error(-result, "unlock", "'" + path_.string() + "'");
}

task<file_lock> file::lock(byte_range part) {
    descriptor fd = duplicate_of(*this);
    std::filesystem::path at = path_;  // when it is locked, nothing may fail any more
    co_await wait_for_lock(fd, part, at, F_WRLCK);
    co_return file_lock(std::move(fd), part, std::move(at));
}

task<file_lock> file::lock_shared(byte_range part) {
    descriptor fd = duplicate_of(*this);
    std::filesystem::path at = path_;
    co_await wait_for_lock(fd, part, at, F_RDLCK);
    co_return file_lock(std::move(fd), part, std::move(at));
}

task<std::optional<file_lock>> file::try_lock(byte_range part) {
    descriptor fd = duplicate_of(*this);
    std::filesystem::path at = path_;
    const bool locked = co_await on(threads, try_lock_now, fd, part, at, short{F_WRLCK});
    if (!locked) co_return std::nullopt;
    co_return file_lock(std::move(fd), part, std::move(at));
}

task<std::optional<file_lock>> file::try_lock_shared(byte_range part) {
    descriptor fd = duplicate_of(*this);
    std::filesystem::path at = path_;
    const bool locked = co_await on(threads, try_lock_now, fd, part, at, short{F_RDLCK});
    if (!locked) co_return std::nullopt;
    co_return file_lock(std::move(fd), part, std::move(at));
}

}  // namespace amphi::fs
