// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/fs/file.hpp>  // IWYU pragma: keep (a path may be sent)
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

namespace amphi {

namespace detail {
class walk_state;
}

namespace fs {

/// What a walk has come to.
class walk_entry {
public:
    walk_entry(std::filesystem::path path, std::filesystem::file_type type, std::size_t depth)
        : path_(std::move(path))
        , type_(type)
        , depth_(depth) {}

    /// Begins with the path that the walk was given.
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    /// Of the entry itself, be it a symbolic link; `unknown` where it could not be asked for.
    [[nodiscard]] std::filesystem::file_type type() const noexcept { return type_; }
    /// How many folders lie between it and the walk's own: 0 for what is in that itself.
    [[nodiscard]] std::size_t depth() const noexcept { return depth_; }

private:
    std::filesystem::path path_;
    std::filesystem::file_type type_;
    std::size_t depth_;
};

/// How far a walk goes.
class walk_options {
public:
    walk_options() = default;

    /// Entries deeper than this are left out; 0 leaves those of the folder itself.
    walk_options& depth_max(std::size_t depth) noexcept {
        depth_max_ = depth;
        return *this;
    }
    /// Passes by folders that may not be read, rather than to fail.
    walk_options& skip_forbidden(bool on = true) noexcept {
        skip_forbidden_ = on;
        return *this;
    }

    [[nodiscard]] std::size_t depth_max() const noexcept { return depth_max_; }
    [[nodiscard]] bool skips_forbidden() const noexcept { return skip_forbidden_; }

private:
    std::size_t depth_max_ = std::numeric_limits<std::size_t>::max();
    bool skip_forbidden_ = false;
};

/// All that is below a folder, a folder before what is in it, else in no particular order. Symbolic
/// links are told and not followed, so it comes to an end. What is made or removed meanwhile may be
/// told or not.
///
///     fs::walk found(folder);
///     while (true) {
///         const auto entry = co_await found.next();
///         if (!entry) break;
///         ...
///     }
///
/// Threads: one at a time. Move-only, sendable.
/// Cancellation: seen before the disk is read; nothing is lost, `next` may be called again.
/// Errors: `std::system_error`, naming the folder that could not be read; the next call goes on
/// behind it.
/// Cost: of memory a few hundred entries, and for each level that it is deep one descriptor and the
/// 32 KB that its directory is read by, however many entries there are. A hundred and more entries
/// come with one call on a plain thread.
class AMPHI_EXPORT walk {
public:
    explicit walk(std::filesystem::path folder, walk_options how = {});
    walk(walk&& other) noexcept;
    walk& operator=(walk&& other) noexcept;
    ~walk();

    /// The next entry; nothing when there are no more.
    [[nodiscard]] task<std::optional<walk_entry>> next();

private:
    std::unique_ptr<detail::walk_state> state_;
};

}  // namespace fs

template <>
inline constexpr bool enable_sendable<fs::walk_entry> = true;
template <>
inline constexpr bool enable_sendable<fs::walk_options> = true;
template <>
inline constexpr bool enable_sendable<fs::walk> = true;

}  // namespace amphi
