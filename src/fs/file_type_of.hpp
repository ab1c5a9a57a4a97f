// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>

#include <sys/types.h>

namespace amphi::detail {

/// As stat(2) gives it.
[[nodiscard]] std::filesystem::file_type type_of(mode_t mode) noexcept;

}  // namespace amphi::detail
