// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/fs/file.hpp>  // IWYU pragma: keep (a path may be sent)
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>

// Each of these is one call on a plain thread, as `file` says of its own: seen before it begins, a
// cancel waits for one that has begun. Each throws `std::system_error`, naming what was tried and
// the paths. They mean what std::filesystem's of the same names mean.

namespace amphi {

namespace fs {

/// What is known of a file without opening it.
class metadata {
public:
    using file_time = std::chrono::sys_time<std::chrono::nanoseconds>;

    metadata(
        std::filesystem::file_type type,
        std::filesystem::perms permissions,
        std::uint64_t size,
        file_time modified
    ) noexcept
        : type_(type)
        , permissions_(permissions)
        , size_(size)
        , modified_(modified) {}

    [[nodiscard]] std::filesystem::file_type type() const noexcept { return type_; }
    [[nodiscard]] bool is_regular_file() const noexcept {
        return type_ == std::filesystem::file_type::regular;
    }
    [[nodiscard]] bool is_directory() const noexcept {
        return type_ == std::filesystem::file_type::directory;
    }
    [[nodiscard]] std::filesystem::perms permissions() const noexcept { return permissions_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] file_time modified() const noexcept { return modified_; }

private:
    std::filesystem::file_type type_;
    std::filesystem::perms permissions_;
    std::uint64_t size_;
    file_time modified_;
};

/// Of what a symbolic link leads to.
[[nodiscard]] AMPHI_EXPORT task<metadata> stat(const std::filesystem::path& path);

/// Whether the path leads to something.
[[nodiscard]] AMPHI_EXPORT task<bool> exists(const std::filesystem::path& path);

/// What the path leads to is `file_type::not_found` rather than an error when it is not there.
[[nodiscard]] AMPHI_EXPORT task<std::filesystem::file_status>
status(const std::filesystem::path& path);
/// Of a symbolic link itself.
[[nodiscard]] AMPHI_EXPORT task<std::filesystem::file_status>
symlink_status(const std::filesystem::path& path);

// False when there is nothing. To ask for more than one of these, ask for `status` once.
[[nodiscard]] AMPHI_EXPORT task<bool> is_block_file(const std::filesystem::path& path);
[[nodiscard]] AMPHI_EXPORT task<bool> is_character_file(const std::filesystem::path& path);
[[nodiscard]] AMPHI_EXPORT task<bool> is_directory(const std::filesystem::path& path);
[[nodiscard]] AMPHI_EXPORT task<bool> is_fifo(const std::filesystem::path& path);
[[nodiscard]] AMPHI_EXPORT task<bool> is_other(const std::filesystem::path& path);
[[nodiscard]] AMPHI_EXPORT task<bool> is_regular_file(const std::filesystem::path& path);
[[nodiscard]] AMPHI_EXPORT task<bool> is_socket(const std::filesystem::path& path);
[[nodiscard]] AMPHI_EXPORT task<bool> is_symlink(const std::filesystem::path& path);
/// A file without bytes, or a directory without entries.
[[nodiscard]] AMPHI_EXPORT task<bool> is_empty(const std::filesystem::path& path);

[[nodiscard]] AMPHI_EXPORT task<std::uintmax_t> file_size(const std::filesystem::path& path);
[[nodiscard]] AMPHI_EXPORT task<std::uintmax_t> hard_link_count(const std::filesystem::path& path);

[[nodiscard]] AMPHI_EXPORT task<std::filesystem::file_time_type>
last_write_time(const std::filesystem::path& path);
[[nodiscard]] AMPHI_EXPORT task<>
last_write_time(const std::filesystem::path& path, std::filesystem::file_time_type time);

[[nodiscard]] AMPHI_EXPORT task<> permissions(
    const std::filesystem::path& path,
    std::filesystem::perms changed,
    std::filesystem::perm_options how = std::filesystem::perm_options::replace
);

/// Whether two paths lead to the same file. An error when either leads to none.
[[nodiscard]] AMPHI_EXPORT task<bool>
equivalent(const std::filesystem::path& one, const std::filesystem::path& other);

/// Of the file system that the path is in.
[[nodiscard]] AMPHI_EXPORT task<std::filesystem::space_info> space(const std::filesystem::path& path
);

}  // namespace fs

template <>
inline constexpr bool enable_sendable<fs::metadata> = true;
template <>
inline constexpr bool enable_sendable<std::filesystem::file_status> = true;
template <>
inline constexpr bool enable_sendable<std::filesystem::space_info> = true;

}  // namespace amphi
