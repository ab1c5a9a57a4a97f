// SPDX-License-Identifier: BSL-1.0
#include "folder.hpp"

#include <amphi/base/error.hpp>

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstddef>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace amphi::serve {

namespace {

// Non-blocking, so that a named pipe does not hold the open until somebody writes.
constexpr int open_flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

int open_confined_by_kernel(int root, const char* path) noexcept {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(open_flags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    // EAGAIN: something was renamed meanwhile, and the kernel cannot tell whether the path stayed
    // inside. Whoever renames all the time is not to hold us here.
    for (int attempt = 0; attempt < 16; ++attempt) {
        const long fd = syscall(SYS_openat2, root, path, &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN) return static_cast<int>(fd);
    }
    return -1;
}

int open_in_steps(int root, const std::string& path) noexcept {
    descriptor at;
    std::size_t begin = 0;
    for (;;) {
        const int here = at ? at.get() : root;
        const std::size_t slash = path.find('/', begin);
        const std::string name = path.substr(begin, slash - begin);
        if (name == "..") {
            errno = EXDEV;
            return -1;
        }
        const char* const step = name.empty() ? "." : name.c_str();
        if (slash == std::string::npos) return openat(here, step, open_flags | O_NOFOLLOW);
        const int next = openat(here, step, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0) return -1;
        at.reset(next);
        begin = slash + 1;
    }
}

/// What a sandbox or an old kernel says of a system call that it does not have.
bool is_unavailable(int error) noexcept {
    return error == ENOSYS || error == EPERM;
}

}  // namespace

served_file::served_file(descriptor file, std::uint64_t size, std::timespec modified) noexcept
    : file_(std::move(file))
    , size_(size)
    , modified_(modified) {}

std::string served_file::etag() const {
    std::array<char, 64> text{};
    const int length = std::snprintf(
        text.data(),
        text.size(),
        "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "\"",
        size_,
        static_cast<std::uint64_t>(modified_.tv_sec),
        static_cast<std::uint64_t>(modified_.tv_nsec)
    );
    return {text.data(), static_cast<std::size_t>(length)};
}

folder::folder(const std::string& path, confinement way)
    : root_(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))
    , way_(way) {
    if (!root_) detail::throw_system_error(errno, "cannot serve", path);
}

served_file folder::open(const std::string& path) const {
    descriptor file(
        way_ == confinement::kernel ? open_confined_by_kernel(root_.get(), path.c_str()) : -1
    );
    if (!file && (way_ == confinement::steps || is_unavailable(errno)))
        file.reset(open_in_steps(root_.get(), path));
    if (!file) detail::throw_system_error(errno, "cannot open", path);
    struct stat facts{};
    if (fstat(file.get(), &facts) != 0) detail::throw_system_error(errno, "cannot inspect", path);
    if (!S_ISREG(facts.st_mode)) detail::throw_system_error(ENOENT, "no regular file:", path);
    return {std::move(file), static_cast<std::uint64_t>(facts.st_size), facts.st_mtim};
}

}  // namespace amphi::serve
