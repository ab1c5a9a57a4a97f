// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/response.hpp>

#include <chrono>
#include <optional>

namespace amphi::fetch {

/// Whether an answer of that status may be another one a little later.
[[nodiscard]] bool is_temporary(int status) noexcept;

/// Whether it says that the host, and not the URL, has too much to do.
[[nodiscard]] constexpr bool is_too_many(int status) noexcept {
    return status == 429 || status == 503;
}

/// What `Retry-After` asks for, as a number of seconds or as a date; nothing without it.
[[nodiscard]] std::optional<std::chrono::seconds>
retry_after(const http::response_head& head, std::chrono::system_clock::time_point now);

}  // namespace amphi::fetch
