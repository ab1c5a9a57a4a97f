// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace amphi::serve {

/// "Sun, 06 Nov 1994 08:49:37 GMT", the one form of a date that HTTP sends (RFC 9110, 5.6.7).
[[nodiscard]] std::string http_date(std::time_t when);

/// Reads that form alone: a condition with another one is left out, which is always safe.
[[nodiscard]] std::optional<std::time_t> parse_http_date(std::string_view text);

}  // namespace amphi::serve
