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

/// Not resolved; only put behind the current folder when it is no absolute path.
[[nodiscard]] AMPHI_EXPORT task<std::filesystem::path> absolute(const std::filesystem::path& path);
/// Without symbolic links, "." and "..". An error when it leads to nothing.
[[nodiscard]] AMPHI_EXPORT task<std::filesystem::path> canonical(const std::filesystem::path& path);
/// The same for as much of the path as is there.
[[nodiscard]] AMPHI_EXPORT task<std::filesystem::path>
weakly_canonical(const std::filesystem::path& path);
/// The path to `path` from `base`, both resolved; empty where there is none.
[[nodiscard]] AMPHI_EXPORT task<std::filesystem::path>
relative(const std::filesystem::path& path, const std::filesystem::path& base);
/// The same, but `path` where there is none.
[[nodiscard]] AMPHI_EXPORT task<std::filesystem::path>
proximate(const std::filesystem::path& path, const std::filesystem::path& base);

[[nodiscard]] AMPHI_EXPORT task<std::filesystem::path> current_path();
/// TMPDIR, or what stands for it. An error when it is no folder.
[[nodiscard]] AMPHI_EXPORT task<std::filesystem::path> temp_directory_path();

}  // namespace amphi::fs
