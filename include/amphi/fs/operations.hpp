// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/fs/file.hpp>  // IWYU pragma: keep (a path may be sent)
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Each of these is one call on a plain thread, as `file` says of its own: seen before it begins, a
// cancel waits for one that has begun. Each throws `std::system_error`, naming the path.

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

/// A name in a directory.
class directory_entry {
public:
    directory_entry(std::string name, std::filesystem::file_type type)
        : name_(std::move(name))
        , type_(type) {}

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Of the entry itself, be it a symbolic link; `unknown` where the file system does not say.
    [[nodiscard]] std::filesystem::file_type type() const noexcept { return type_; }

private:
    std::string name_;
    std::filesystem::file_type type_;
};

/// What to do with what bears the new name already.
enum class existing : bool { replace, keep };

/// The whole file.
[[nodiscard]] AMPHI_EXPORT task<std::string> read(const std::filesystem::path& path);

/// Makes the file, or replaces what is in it. A failure may leave a part.
[[nodiscard]] AMPHI_EXPORT task<>
write(const std::filesystem::path& path, std::span<const std::byte> content);
[[nodiscard]] AMPHI_EXPORT task<>
write(const std::filesystem::path& path, std::string_view content);

/// Gives a file another name in one step. With `existing::keep` it fails with EEXIST rather than
/// replacing one, where the file system can (EINVAL where not).
[[nodiscard]] AMPHI_EXPORT task<> rename(
    const std::filesystem::path& from,
    const std::filesystem::path& to,
    existing target = existing::replace
);

/// Removes a file or an empty directory. False when there was none.
[[nodiscard]] AMPHI_EXPORT task<bool> remove(const std::filesystem::path& path);

/// Of what a symbolic link leads to.
[[nodiscard]] AMPHI_EXPORT task<metadata> stat(const std::filesystem::path& path);

/// Whether the path leads to something.
[[nodiscard]] AMPHI_EXPORT task<bool> exists(const std::filesystem::path& path);

/// Makes a directory and those above it that are missing.
[[nodiscard]] AMPHI_EXPORT task<> create_directories(const std::filesystem::path& path);

/// What is in a directory, but "." and "..", in no particular order.
[[nodiscard]] AMPHI_EXPORT task<std::vector<directory_entry>>
list(const std::filesystem::path& directory);

}  // namespace fs

template <>
inline constexpr bool enable_sendable<fs::metadata> = true;
template <>
inline constexpr bool enable_sendable<fs::directory_entry> = true;

}  // namespace amphi
