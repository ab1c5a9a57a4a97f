// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace amphi::compare {

/// The path of each thing below a folder, and what it is: the SHA-256 of a file's content, where a
/// link points, "folder", "other". Throws `std::system_error`, also when the folder is none, or a
/// link; `interrupted` when `stop`, a descriptor or -1, became readable.
[[nodiscard]] std::map<std::string, std::string>
sums_of(const std::filesystem::path& folder, int stop = -1);

/// Removes a folder and what is in it, also what its owner may not change. Nothing happens when
/// there is none. Throws `std::filesystem::filesystem_error`.
void remove_folder(const std::filesystem::path& folder);

/// Says where the second differs from the first; empty when they are alike.
[[nodiscard]] std::string difference_of(
    const std::map<std::string, std::string>& first,
    const std::string& first_name,
    const std::map<std::string, std::string>& second,
    const std::string& second_name
);

}  // namespace amphi::compare
