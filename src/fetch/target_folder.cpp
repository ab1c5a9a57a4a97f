// SPDX-License-Identifier: BSL-1.0
#include "target_folder.hpp"

#include <amphi/base/error.hpp>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace amphi::fetch {

namespace {

constexpr int safe_flags = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
constexpr mode_t folder_permissions = 0777;
// Remembering a name that is there costs less than asking for one that is not, up to some point.
constexpr std::size_t remembered_max = 4096;

struct directory_closer {
    void operator()(DIR* opened) const noexcept { ::closedir(opened); }
};

}  // namespace

target_folder::target_folder(const std::string& path)
    : path_(path.empty() ? "." : path)
    , fd_(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (!fd_ || ::faccessat(fd_.get(), ".", W_OK | X_OK, AT_EACCESS) != 0)
        detail::throw_system_error(errno, "write to folder", path_);
    remember_names();
}

void target_folder::remember_names() {
    descriptor again(::openat(fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, directory_closer> names(::fdopendir(again.get()));
    is_crowded_ = names == nullptr;
    if (names != nullptr) (void)again.release();
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the directory is open for this call alone
    while (const dirent* const entry = is_crowded_ ? nullptr : ::readdir(names.get())) {
        is_crowded_ = hashes_.size() == remembered_max;
        hashes_.push_back(std::hash<std::string_view>()(entry->d_name));
    }
    if (is_crowded_) hashes_ = {};
    std::sort(hashes_.begin(), hashes_.end());
}

bool target_folder::may_have(const std::string& name) const noexcept {
    return is_crowded_ || has_unfinished_.load(std::memory_order_relaxed) ||
           std::binary_search(hashes_.begin(), hashes_.end(), std::hash<std::string_view>()(name));
}

std::optional<target_folder> target_folder::below(std::string_view path, missing parts) const {
    const bool make = parts == missing::made;
    descriptor inner(::openat(fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (std::size_t begin = 0; inner && begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string part(path.substr(begin, end - begin));
        begin = end + 1;
        constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        descriptor next(::openat(inner.get(), part.c_str(), flags));
        if (!next && errno == ENOENT && make &&
            (::mkdirat(inner.get(), part.c_str(), folder_permissions) == 0 || errno == EEXIST))
            next.reset(::openat(inner.get(), part.c_str(), flags));
        inner = std::move(next);
    }
    std::string whole = path_of(std::string(path));
    if (inner) return target_folder(std::move(whole), std::move(inner));
    if (errno == ENOENT && !make) return std::nullopt;
    detail::throw_system_error(errno, "open folder", whole);
}

std::string target_folder::path_of(const std::string& name) const {
    return path_ == "." ? name : path_ + "/" + name;
}

bool target_folder::has(const std::string& name) const noexcept {
    return may_have(name) && has_now(name);
}

bool target_folder::has_now(const std::string& name) const noexcept {
    struct stat found{};
    return ::fstatat(fd(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0;
}

std::optional<std::uint64_t> target_folder::size_of(const std::string& name) const noexcept {
    struct stat found{};
    if (!may_have(name) || ::fstatat(fd(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(found.st_mode))
        return std::nullopt;
    return static_cast<std::uint64_t>(found.st_size);
}

descriptor target_folder::open(const std::string& name) const {
    descriptor opened(::openat(fd(), name.c_str(), O_RDONLY | safe_flags));
    if (!opened) detail::throw_system_error(errno, "open", path_of(name));
    return opened;
}

}  // namespace amphi::fetch
