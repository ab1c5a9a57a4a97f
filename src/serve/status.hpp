// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string_view>

namespace amphi::serve {

/// The status codes that the server answers with.
enum class status : std::uint16_t {
    ok = 200,
    partial_content = 206,
    not_modified = 304,
    bad_request = 400,
    not_found = 404,
    method_not_allowed = 405,
    request_timeout = 408,
    content_too_large = 413,
    range_not_satisfiable = 416,
    header_too_large = 431,
    internal_error = 500,
    not_implemented = 501,
    unavailable = 503,
    version_not_supported = 505,
};

/// The reason phrase, as RFC 9110 has it.
[[nodiscard]] std::string_view reason(status code) noexcept;

}  // namespace amphi::serve
