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

/// `target` need not be there; what is no absolute path counts from the link's folder.
[[nodiscard]] AMPHI_EXPORT task<>
create_symlink(const std::filesystem::path& target, const std::filesystem::path& link);
[[nodiscard]] AMPHI_EXPORT task<>
create_directory_symlink(const std::filesystem::path& target, const std::filesystem::path& link);
[[nodiscard]] AMPHI_EXPORT task<>
create_hard_link(const std::filesystem::path& target, const std::filesystem::path& link);

/// Where a symbolic link leads, as it was written.
[[nodiscard]] AMPHI_EXPORT task<std::filesystem::path>
read_symlink(const std::filesystem::path& link);
[[nodiscard]] AMPHI_EXPORT task<>
copy_symlink(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace amphi::fs
