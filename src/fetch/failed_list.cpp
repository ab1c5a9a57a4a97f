// SPDX-License-Identifier: BSL-1.0
#include "failed_list.hpp"

#include <amphi/base/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace amphi::fetch {

namespace {

using amphi::detail::lock_guard;

struct text_freer {
    void operator()(char* text) const noexcept { std::free(text); }
};

/// Where a path leads in the end, so that a link to a file stays one.
std::string resolved(const std::string& path) {
    const std::unique_ptr<char, text_freer> real(::realpath(path.c_str(), nullptr));
    return real ? std::string(real.get()) : path;
}

}  // namespace

failed_list::failed_list(const std::string& path) : path_(resolved(path)) {
    const lock_guard guard(lock_);
    struct stat found{};
    const bool is_there = ::stat(path_.c_str(), &found) == 0;
    if (is_there && !S_ISREG(found.st_mode)) {
        file_.reset(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY));
    } else {
        // A name that nobody has; its owner alone may read it.
        std::string unique = path_ + ".new-XXXXXX";
        file_.reset(::mkostemp(unique.data(), O_CLOEXEC));
        if (file_) written_path_ = std::move(unique);
    }
    if (!file_) fail(errno, "make");
}

failed_list::~failed_list() {
    const lock_guard guard(lock_);
    if (file_ && !written_path_.empty()) ::unlink(written_path_.c_str());
}

void failed_list::fail(int error, const char* operation) const {
    amphi::detail::throw_system_error(
        error, operation, written_path_.empty() ? path_ : written_path_
    );
}

bool failed_list::replaces(int fd) const noexcept {
    struct stat given{};
    struct stat ours{};
    return !written_path_.empty() && ::fstat(fd, &given) == 0 &&
           ::stat(path_.c_str(), &ours) == 0 && given.st_dev == ours.st_dev &&
           given.st_ino == ours.st_ino;
}

void failed_list::add(std::string_view row) {
    std::string line(row);
    // Who has a line break in a URL gets no second line.
    std::replace(line.begin(), line.end(), '\n', ' ');
    line += '\n';
    const lock_guard guard(lock_);
    for (std::string_view rest = line; !rest.empty();) {
        const ssize_t count = ::write(file_.get(), rest.data(), rest.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(errno, "write");
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
}

void failed_list::finish() {
    const lock_guard guard(lock_);
    if (!written_path_.empty() && ::rename(written_path_.c_str(), path_.c_str()) != 0)
        fail(errno, "give its name to");
    file_.reset();
}

}  // namespace amphi::fetch
