// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace amphi::compare {

/// The path of each thing below a folder, and what it is: the SHA-256 of a file's content, where a
/// link points, "folder", "other". Throws `std::system_error` or
/// `std::filesystem::filesystem_error`.
[[nodiscard]] std::map<std::string, std::string> sums_of(const std::filesystem::path& folder);

/// Says where the second differs from the first; empty when they are alike.
[[nodiscard]] std::string difference_of(
    const std::map<std::string, std::string>& first,
    const std::string& first_name,
    const std::map<std::string, std::string>& second,
    const std::string& second_name
);

}  // namespace amphi::compare
