// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace amphi::http::detail {

/// The parts of a URL that needs no parser, as nearly all of a list's: in lower case, with nothing
/// in it that one parser reads differently from another. libcurl's parser takes twenty times as
/// long, which is a tenth of what a small file costs.
class plain_url {
public:
    std::string_view scheme;
    std::string_view host;
    std::string_view path;
    std::uint16_t port = 0;
    bool has_address = false;  ///< an IPv4 address in its usual form
};

/// Nothing when the URL is not plain; it may be a good one nevertheless.
[[nodiscard]] std::optional<plain_url> parse_plain(std::string_view text) noexcept;

}  // namespace amphi::http::detail
