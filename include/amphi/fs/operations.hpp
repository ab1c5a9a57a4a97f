// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/fs/copy.hpp>       // IWYU pragma: export
#include <amphi/fs/directory.hpp>  // IWYU pragma: export
#include <amphi/fs/file.hpp>       // IWYU pragma: keep (a path may be sent)
#include <amphi/fs/links.hpp>      // IWYU pragma: export
#include <amphi/fs/paths.hpp>      // IWYU pragma: export
#include <amphi/fs/status.hpp>     // IWYU pragma: export
#include <amphi/task/task.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

// All that std::filesystem does with a disk, and whole files.
//
// Each of these is one call on a plain thread, as `file` says of its own: seen before it begins, a
// cancel waits for one that has begun. Each throws `std::system_error`, naming what was tried and
// the paths. They mean what std::filesystem's of the same names mean.

namespace amphi::fs {

/// What to do with what bears the new name already.
enum class existing : bool { replace, keep };

/// The whole file. A named pipe until all who write have closed it; a wait for them ends at once by
/// a stop, and what was read is lost then.
[[nodiscard]] AMPHI_EXPORT task<std::string> read(const std::filesystem::path& path);

/// Makes the file, or replaces what is in it. A failure may leave a part. A named pipe is waited
/// for as `file` does.
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

/// Removes a file, or a directory with all that is in it, and says how much that was. Symbolic
/// links are removed, not followed. A failure leaves what was not removed before.
[[nodiscard]] AMPHI_EXPORT task<std::uintmax_t> remove_all(const std::filesystem::path& path);

/// Cuts a file off, or lengthens it with zeros.
[[nodiscard]] AMPHI_EXPORT task<>
resize_file(const std::filesystem::path& path, std::uintmax_t size);

}  // namespace amphi::fs
