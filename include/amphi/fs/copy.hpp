// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/fs/file.hpp>  // IWYU pragma: keep (a path may be sent)
#include <amphi/task/task.hpp>

#include <filesystem>

// Each of these is one call on a plain thread, as `file` says of its own: seen before it begins, a
// cancel waits for one that has begun. Each throws `std::system_error`, naming what was tried and
// the paths. They mean what std::filesystem's of the same names mean.

namespace amphi::fs {

/// Copies content and permissions of a regular file. False when the options have left one alone
/// that was there. A failure may leave a part.
[[nodiscard]] AMPHI_EXPORT task<bool> copy_file(
    const std::filesystem::path& from,
    const std::filesystem::path& to,
    std::filesystem::copy_options how = std::filesystem::copy_options::none
);

/// Copies a file, or a directory with the files in it, with `copy_options::recursive` all below it.
/// A failure leaves what was copied before.
[[nodiscard]] AMPHI_EXPORT task<> copy(
    const std::filesystem::path& from,
    const std::filesystem::path& to,
    std::filesystem::copy_options how = std::filesystem::copy_options::none
);

}  // namespace amphi::fs
