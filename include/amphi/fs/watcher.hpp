// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/export.hpp>
#include <amphi/fs/file.hpp>  // IWYU pragma: keep (a path may be sent)
#include <amphi/io/readable.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/waiter.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace amphi {

namespace fs {

/// What has happened, and which of it shall be told.
enum class change_kind : std::uint32_t {
    created = 1,      ///< made, or linked, in the folder
    modified = 2,     ///< written to, or cut off
    written = 4,      ///< closed by somebody who could write
    attributes = 8,   ///< permissions, times, links and their like
    removed = 16,     ///< from the folder
    moved_from = 32,  ///< out of the folder; into another one that is watched by the same cookie
    moved_to = 64,    ///< into the folder
    gone = 128,       ///< what is watched was removed or moved, or its disk unmounted: always told
    overflow = 256    ///< more came than the kernel keeps, any may be lost: always told
};

[[nodiscard]] constexpr change_kind operator|(change_kind one, change_kind other) noexcept {
    return static_cast<change_kind>(
        static_cast<std::uint32_t>(one) | static_cast<std::uint32_t>(other)
    );
}

inline constexpr change_kind any_change = static_cast<change_kind>(127);

/// One thing that has happened to what is watched.
class change {
public:
    change(change_kind kind, std::filesystem::path path, std::uint32_t cookie, bool is_directory)
        : kind_(kind)
        , path_(std::move(path))
        , cookie_(cookie)
        , is_directory_(is_directory) {}

    [[nodiscard]] change_kind kind() const noexcept { return kind_; }
    /// The path as it was given to `add`, with the name in that folder behind it; empty for an
    /// overflow.
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    /// The same for both ends of one move, else 0.
    [[nodiscard]] std::uint32_t cookie() const noexcept { return cookie_; }
    [[nodiscard]] bool is_directory() const noexcept { return is_directory_; }

private:
    change_kind kind_;
    std::filesystem::path path_;
    std::uint32_t cookie_;
    bool is_directory_;
};

}  // namespace fs

namespace detail {

/// Waits until there are changes; those that are read already count.
class change_ready : public operation<change_ready> {
public:
    change_ready(int fd, const std::vector<char>& read_already) noexcept
        : kernel_(fd, direction::read)
        , read_already_(read_already) {}

    [[nodiscard]] AMPHI_EXPORT bool poll();
    void publish(ticket t) noexcept { kernel_.publish(t); }
    void withdraw() noexcept { kernel_.withdraw(); }
    void result() const noexcept {}

    [[nodiscard]] std::span<const descriptor_wait> kernel_waits() const noexcept {
        return kernel_.kernel_waits();
    }

private:
    descriptor_ready kernel_;
    const std::vector<char>& read_already_;
};

}  // namespace detail

namespace fs {

/// Tells what happens to files and in folders, by inotify(7): not below their folders, and not what
/// other machines do on a disk of the network. Two changes that are alike and follow each other may
/// be told as one.
///
/// Threads: one at a time. Move-only, sendable.
/// Cancellation: a wait ends at once, and nothing is lost.
/// Lifetime: no call may be under way when it is destroyed.
/// Errors: `std::system_error`; one that has met a limit of the kernel names it. After an overflow
/// look at the folders anew.
class AMPHI_EXPORT watcher {
public:
    watcher();

    /// From now on changes to a file, or in a folder, are told. A second time changes what is told,
    /// and by which path: two paths of one file are watched as one.
    [[nodiscard]] task<> add(std::filesystem::path watched, change_kind kinds = any_change);
    /// Nothing of it is told any more. False when it was not watched.
    bool remove(const std::filesystem::path& watched);

    /// The next change, in the order in which they have happened.
    [[nodiscard]] task<change> next();

    /// Waits until there is something for `next`, for `select`. It may be wrong, for a change of
    /// what was removed: `next` then waits on.
    [[nodiscard("co_await it")]] detail::change_ready readable() const noexcept {
        return {fd_.get(), read_};
    }

private:
    using watched_path = std::pair<int, std::filesystem::path>;

    [[nodiscard]] std::vector<watched_path>::iterator place_of(int id) noexcept;
    [[nodiscard]] bool fill();
    [[nodiscard]] std::optional<change> take();
    [[nodiscard]] std::optional<change>
    told_by(int id, std::uint32_t mask, std::uint32_t cookie, const char* name);

    descriptor fd_;
    std::vector<watched_path> watched_;  // in the order of the kernel's numbers
    // What one read(2) has brought, and how much of it is told; empty when all is.
    std::vector<char> read_;
    std::size_t told_ = 0;
};

}  // namespace fs

template <>
inline constexpr bool enable_sendable<fs::change> = true;
template <>
inline constexpr bool enable_sendable<fs::watcher> = true;

}  // namespace amphi
