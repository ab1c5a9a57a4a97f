// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/watcher.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/task/task.hpp>

#include "blocking.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include <sys/inotify.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi {

namespace {

using fs::change_kind;

constexpr std::array<std::pair<change_kind, std::uint32_t>, 7> kinds_of_kernel{{
    {change_kind::created, IN_CREATE},
    {change_kind::modified, IN_MODIFY},
    {change_kind::written, IN_CLOSE_WRITE},
    {change_kind::attributes, IN_ATTRIB},
    {change_kind::removed, IN_DELETE},
    {change_kind::moved_from, IN_MOVED_FROM},
    {change_kind::moved_to, IN_MOVED_TO},
}};

int add_now(const descriptor& by, const std::filesystem::path& watched, change_kind kinds) {
    std::uint32_t mask = IN_DELETE_SELF | IN_MOVE_SELF;
    for (const auto& [kind, bit] : kinds_of_kernel)
        if ((static_cast<std::uint32_t>(kinds) & static_cast<std::uint32_t>(kind)) != 0)
            mask |= bit;
    const int id = ::inotify_add_watch(by.get(), watched.c_str(), mask);
    if (id >= 0) return id;
    if (errno != ENOSPC) detail::throw_file_error("watch", watched);
    detail::throw_system_error(
        ENOSPC,
        "watch",
        "'" + watched.string() +
            "' (the user has reached the limit of watches: fs.inotify.max_user_watches)"
    );
}

}  // namespace

namespace detail {

bool change_ready::poll() {
    kernel_.set_where(*where_);
    return !read_already_.empty() || kernel_.poll();
}

}  // namespace detail

namespace fs {

watcher::watcher() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (fd_) return;
    detail::throw_system_error(
        errno,
        "make a watcher",
        errno == EMFILE ? "(or the user has reached fs.inotify.max_user_instances)" : ""
    );
}

task<> watcher::add(std::filesystem::path watched, change_kind kinds) {
    watched_.reserve(watched_.size() + 1);  // what the kernel watches is known here, too
    const int id = co_await on(threads, add_now, fd_, watched, kinds);
    const auto place = place_of(id);
    if (place != watched_.end() && place->first == id)
        place->second = std::move(watched);
    else
        watched_.insert(place, watched_path(id, std::move(watched)));
}

bool watcher::remove(const std::filesystem::path& watched) {
    const auto found = std::find_if(watched_.begin(), watched_.end(), [&](const auto& one) {
        return one.second == watched;
    });
    if (found == watched_.end()) return false;
    (void)::inotify_rm_watch(fd_.get(), found->first);
    watched_.erase(found);
    return true;
}

task<change> watcher::next() {
    // So that a stop is seen although there is always more to tell.
    detail::checkpoint entered;
    co_await entered;
    for (;;) {
        while (!read_.empty()) {
            std::optional<change> told = take();
            if (told) co_return *std::move(told);
        }
        if (fill()) continue;
        auto ready = amphi::readable(fd_.get());
        co_await ready;
    }
}

std::vector<watcher::watched_path>::iterator watcher::place_of(int id) noexcept {
    return std::lower_bound(watched_.begin(), watched_.end(), id, [](const auto& one, int than) {
        return one.first < than;
    });
}

/// False when there is nothing to read. Called when all that was read before is told.
bool watcher::fill() {
    read_.resize(4096);
    told_ = 0;
    const ssize_t count =
        detail::uninterrupted([&] { return ::read(fd_.get(), read_.data(), read_.size()); });
    const int error = errno;
    read_.resize(static_cast<std::size_t>(std::max(count, ssize_t{0})));
    if (count < 0 && error != EAGAIN)
        detail::throw_system_error(error, "read what a watcher has seen");
    return count > 0;
}

/// The next one of what was read; nothing when it is of no interest any more.
std::optional<change> watcher::take() {
    inotify_event head{};
    std::memcpy(&head, &read_[told_], sizeof head);
    const char* const name = head.len != 0 ? &read_[told_ + sizeof head] : "";
    // Without memory for it, it stays the next one.
    std::optional<change> told = told_by(head.wd, head.mask, head.cookie, name);
    told_ += sizeof head + head.len;
    if (told_ == read_.size()) read_.clear();
    return told;
}

std::optional<change>
watcher::told_by(int id, std::uint32_t mask, std::uint32_t cookie, const char* name) {
    if ((mask & IN_Q_OVERFLOW) != 0)
        return change(change_kind::overflow, std::filesystem::path(), 0, false);
    const auto found = place_of(id);
    if (found == watched_.end() || found->first != id) return std::nullopt;  // removed meanwhile
    const bool is_directory = (mask & IN_ISDIR) != 0;
    if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0) {
        // What was moved is no longer where the path says.
        if ((mask & IN_MOVE_SELF) != 0) (void)::inotify_rm_watch(fd_.get(), id);
        change gone(change_kind::gone, std::move(found->second), 0, is_directory);
        watched_.erase(found);
        return gone;
    }
    // An event has one of them.
    for (const auto& [kind, bit] : kinds_of_kernel) {
        if ((mask & bit) == 0) continue;
        const std::filesystem::path& at = found->second;
        return change(kind, *name != '\0' ? at / name : at, cookie, is_directory);
    }
    return std::nullopt;
}

}  // namespace fs
}  // namespace amphi
