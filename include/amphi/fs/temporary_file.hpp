// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/fs/operations.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <filesystem>
#include <string>
#include <utility>

namespace amphi {

namespace fs {

/// A file to read and write that has no name: nobody else finds it, and it is gone when it is
/// closed, or the program has crashed. Its `path()` is the folder that it is in, by default the one
/// for temporary files.
[[nodiscard]] AMPHI_EXPORT task<file> temporary_file(std::filesystem::path folder = {});

/// A file to read and write that has a name which was new, and is removed when this is destroyed;
/// the owner alone may read and write it. For whom others shall find by its name, or that `keep`
/// shall give its place when it is complete. Else `temporary_file` leaves nothing behind.
///
/// Threads: one at a time. Move-only, sendable.
/// Cancellation, Errors: as `file` has them. The destructor has no errors, and blocks for the
/// removal, on async too: `co_await remove()` does not.
/// Lifetime: what a fork has copied removes nothing.
class AMPHI_EXPORT named_temporary_file {
public:
    /// The name is the prefix and six letters and digits.
    [[nodiscard]] static task<named_temporary_file>
    make(std::filesystem::path folder = {}, std::string prefix = "tmp-");

    named_temporary_file(named_temporary_file&& other) noexcept;
    named_temporary_file& operator=(named_temporary_file&& other) noexcept;
    ~named_temporary_file();

    [[nodiscard]] file& opened() noexcept { return file_; }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// Gives it a lasting name, on the same disk, in one step; it stays open.
    [[nodiscard]] task<> keep(std::filesystem::path name, existing target = existing::replace);
    /// False when it was kept or is not there any more. It stays open.
    task<bool> remove();

private:
    named_temporary_file(file opened, std::filesystem::path path, int maker) noexcept
        : file_(std::move(opened))
        , path_(std::move(path))
        , maker_(maker) {}

    void remove_now() noexcept;

    file file_;
    std::filesystem::path path_;
    int maker_;  // 0: nothing is to be removed
};

}  // namespace fs

template <>
inline constexpr bool enable_sendable<fs::named_temporary_file> = true;

}  // namespace amphi
