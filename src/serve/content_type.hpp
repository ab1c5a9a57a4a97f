// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string_view>

namespace amphi::serve {

/// The media type that a file's suffix stands for; `application/octet-stream` for all others.
[[nodiscard]] std::string_view content_type_of(std::string_view path) noexcept;

}  // namespace amphi::serve
