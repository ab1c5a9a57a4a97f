// SPDX-License-Identifier: BSL-1.0
#include "temporary_name.hpp"

#include <amphi/base/error.hpp>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

namespace amphi::detail {

std::filesystem::path temporary_folder_or(const std::filesystem::path& folder) {
    if (!folder.empty()) return folder;
    std::error_code error;
    std::filesystem::path found = std::filesystem::temp_directory_path(error);
    if (error) throw_system_error(error.value(), "find the folder for temporary files", "'TMPDIR'");
    return found;
}

std::string temporary_name(const std::filesystem::path& folder, const std::string& prefix) {
    if (prefix.find_first_of(std::string("/\0", 2)) != std::string::npos)
        throw_system_error(EINVAL, "name a temporary file with", "'" + prefix + "'");
    return (temporary_folder_or(folder) / (prefix + "XXXXXX")).string();
}

}  // namespace amphi::detail
