// SPDX-License-Identifier: BSL-1.0
#include "framing.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include <strings.h>

namespace amphi::http::detail {

namespace {

constexpr std::string_view blank = " \t\r";

/// A number that libcurl has a type for; nothing when the text is anything else.
std::optional<std::int64_t> length_in(std::string_view text) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
    std::int64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const bool whole = text.find_first_not_of(blank) == std::string_view::npos;
    if (error != std::errc() || !whole || length < 0) return std::nullopt;
    return length;
}

}  // namespace

bool has_one_length(const response_head& head) noexcept {
    constexpr std::string_view name = "content-length:";
    std::optional<std::int64_t> first;
    std::string_view rest = head.fields();
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        if (strncasecmp(line.data(), name.data(), std::min(name.size(), line.size())) != 0 ||
            line.size() < name.size())
            continue;
        const auto length = length_in(line.substr(name.size()));
        if (!length || (first && *first != *length)) return false;
        first = length;
    }
    return true;
}

}  // namespace amphi::http::detail
