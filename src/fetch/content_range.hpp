// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/response.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amphi::fetch {

/// `Content-Range: bytes FIRST-LAST/TOTAL`.
class content_range {
public:
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> total;  ///< the server may say `*`
};

/// Nothing when it is anything else, or contradicts itself.
[[nodiscard]] std::optional<content_range> parse_content_range(std::string_view text) noexcept;

/// What tells whether a later answer continues this one byte by byte: a strong ETag, or a date of
/// the last change that is older than a minute (a file may change twice within its second); else
/// empty.
[[nodiscard]] std::string strong_validator(const http::response_head& head);

}  // namespace amphi::fetch
