// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <string>

namespace amphi::detail {

/// The folder, or the one for temporary files when it is empty. Throws when that is none.
[[nodiscard]] std::filesystem::path temporary_folder_or(const std::filesystem::path& folder);

/// As mkostemp(3) and mkdtemp(3) take it. Throws for a prefix that leads elsewhere.
[[nodiscard]] std::string
temporary_name(const std::filesystem::path& folder, const std::string& prefix);

}  // namespace amphi::detail
