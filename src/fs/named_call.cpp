// SPDX-License-Identifier: BSL-1.0
#include "named_call.hpp"

#include <amphi/base/error.hpp>

#include <filesystem>
#include <string>
#include <system_error>

namespace amphi::detail {

void throw_named(
    std::error_code error,
    act what,
    const std::filesystem::path& path,
    const std::filesystem::path* other
) {
    std::string named = "'" + path.string() + "'";
    if (other != nullptr) named += " to '" + other->string() + "'";
    throw_system_error(error.value(), what.name(), named);
}

}  // namespace amphi::detail
