// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/walk.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include "blocking.hpp"
#include "file_type_of.hpp"

#include <cerrno>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

namespace amphi {

namespace detail {

using std::filesystem::file_type;
using std::filesystem::path;

/// Goes into a folder by the one that it is in, so that nobody who swaps a folder for a link leads
/// it out of the tree.
class walk_state {
public:
    walk_state(path folder, fs::walk_options how) : root_(std::move(folder)), how_(how) {}

    /// Blocks until some entries are there, or a failure, or the end. Throws nothing else.
    void advance() {
        if (!begun_) enter(AT_FDCWD, root_.c_str(), root_);
        begun_ = true;
        while (!levels_.empty() && found_.size() < batch && failure_ == 0)
            take_one();
    }

    [[nodiscard]] bool must_advance() const noexcept {
        return found_.empty() && failure_ == 0 && !(begun_ && levels_.empty());
    }

    /// What was met next. Entries come before the failure that was met behind them.
    [[nodiscard]] std::optional<fs::walk_entry> take() {
        if (found_.empty()) {
            if (failure_ == 0) return std::nullopt;
            errno = std::exchange(failure_, 0);
            throw_file_error("list", failed_);
        }
        std::optional<fs::walk_entry> first(std::move(found_.front()));
        found_.pop_front();
        return first;
    }

private:
    static constexpr std::size_t batch = 256;

    struct close_directory {
        void operator()(DIR* opened) const noexcept { ::closedir(opened); }
    };
    struct level {
        std::unique_ptr<DIR, close_directory> opened;
        path at;
    };

    void enter(int above, const char* name, const path& at) {
        // The first one may be a symbolic link: it is what the caller named.
        const int follow = above == AT_FDCWD ? 0 : O_NOFOLLOW;
        descriptor fd(uninterrupted([=] {
            return ::openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | follow);
        }));
        std::unique_ptr<DIR, close_directory> opened(fd ? ::fdopendir(fd.get()) : nullptr);
        if (opened) {
            (void)fd.release();  // closedir closes it
            levels_.push_back({std::move(opened), at});
            return;
        }
        const bool is_root = levels_.empty();
        // Removed or replaced since it was listed.
        const bool gone = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
        if (!is_root && (gone || (errno == EACCES && how_.skips_forbidden()))) return;
        fail(at);
    }

    void fail(const path& at) {
        failure_ = errno;
        failed_ = at;
    }

    void take_one() {
        level& top = levels_.back();
        errno = 0;
        // NOLINTNEXTLINE(concurrency-mt-unsafe): the directory is this walk's alone
        const dirent* const entry = ::readdir(top.opened.get());
        if (entry == nullptr) {
            if (errno != 0) fail(top.at);
            levels_.pop_back();
            return;
        }
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") return;
        const int folder = ::dirfd(top.opened.get());
        file_type type = type_of(DTTOIF(mode_t{entry->d_type}));
        struct stat status{};
        if (type == file_type::unknown &&
            ::fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
            type = type_of(status.st_mode);
        const std::size_t depth = levels_.size() - 1;
        const fs::walk_entry& told = found_.emplace_back(top.at / name, type, depth);
        if (type == file_type::directory && depth < how_.depth_max())
            enter(folder, entry->d_name, told.path());
    }

    path root_;
    fs::walk_options how_;
    bool begun_ = false;
    std::vector<level> levels_;  // the folders that are open, the deepest last
    std::deque<fs::walk_entry> found_;
    int failure_ = 0;  // an errno, met behind what was found
    path failed_;
};

}  // namespace detail

template <>
inline constexpr bool enable_sendable<detail::walk_state> = true;

namespace fs {

namespace {

void advance_now(detail::walk_state& walked) {
    walked.advance();
}

}  // namespace

walk::walk(std::filesystem::path folder, walk_options how)
    : state_(std::make_unique<detail::walk_state>(std::move(folder), how)) {}
walk::walk(walk&& other) noexcept = default;
walk& walk::operator=(walk&& other) noexcept = default;
walk::~walk() = default;

task<std::optional<walk_entry>> walk::next() {
    if (state_->must_advance()) co_await on(threads, advance_now, *state_);
    co_return state_->take();
}

}  // namespace fs
}  // namespace amphi
