// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/fs/file.hpp>  // IWYU pragma: keep (a path may be sent)
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

// Each of these is one call on a plain thread, as `file` says of its own: seen before it begins, a
// cancel waits for one that has begun. Each throws `std::system_error`, naming what was tried and
// the paths. They mean what std::filesystem's of the same names mean.

namespace amphi {

namespace fs {

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

/// What is in a directory, but "." and "..", in no particular order. All of it at once; `walk`
/// takes a part at a time.
[[nodiscard]] AMPHI_EXPORT task<std::vector<directory_entry>>
list(const std::filesystem::path& directory);

/// Makes a directory. False when there was one; something else there is an error.
[[nodiscard]] AMPHI_EXPORT task<bool> create_directory(const std::filesystem::path& path);
/// The same with the permissions of another one.
[[nodiscard]] AMPHI_EXPORT task<bool>
create_directory(const std::filesystem::path& path, const std::filesystem::path& like);

/// Makes a directory and those above it that are missing. False when there was one.
[[nodiscard]] AMPHI_EXPORT task<bool> create_directories(const std::filesystem::path& path);

}  // namespace fs

template <>
inline constexpr bool enable_sendable<fs::directory_entry> = true;

}  // namespace amphi
