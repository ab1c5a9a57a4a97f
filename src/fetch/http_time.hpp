// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace amphi::fetch {

/// Reads "Sun, 06 Nov 1994 08:49:37 GMT", the one form of a date that HTTP sends today.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point>
parse_http_time(std::string_view text);

}  // namespace amphi::fetch
