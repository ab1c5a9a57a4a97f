// SPDX-License-Identifier: BSL-1.0
#include "range.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>

namespace amphi::serve {

namespace {

constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();

/// Digits alone, at least one. A number beyond the type's range is as good as its largest: no file
/// is as long.
std::optional<std::uint64_t> parse_position(std::string_view text) noexcept {
    if (text.empty()) return std::nullopt;
    std::uint64_t number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        number = number > (huge - digit) / 10 ? huge : number * 10 + digit;
    }
    return number;
}

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

bool names_bytes(std::string_view unit) noexcept {
    constexpr std::string_view bytes = "bytes";
    return std::equal(unit.begin(), unit.end(), bytes.begin(), bytes.end(), [](char a, char b) {
        return (static_cast<unsigned char>(a) | 0x20U) == static_cast<unsigned char>(b);
    });
}

range_request suffix(std::uint64_t length, std::uint64_t file_size) noexcept {
    if (length == 0) return range_request::unsatisfiable();
    // The last bytes of nothing are all of it, which no Content-Range could express.
    if (file_size == 0) return range_request::whole();
    const std::uint64_t size = std::min(length, file_size);
    return range_request::part(file_size - size, size);
}

}  // namespace

range_request parse_range(std::string_view value, std::uint64_t file_size) noexcept {
    const std::size_t equals = value.find('=');
    if (equals == std::string_view::npos || !names_bytes(value.substr(0, equals)))
        return range_request::whole();
    const std::string_view range = trimmed(value.substr(equals + 1));
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos) return range_request::whole();

    const std::string_view last_text = range.substr(dash + 1);
    if (dash == 0) {
        const auto length = parse_position(last_text);
        return length ? suffix(*length, file_size) : range_request::whole();
    }
    const auto first = parse_position(range.substr(0, dash));
    const auto last = last_text.empty() ? std::optional(huge) : parse_position(last_text);
    if (!first || !last || *last < *first) return range_request::whole();
    if (*first >= file_size) return range_request::unsatisfiable();
    return range_request::part(*first, std::min(*last, file_size - 1) - *first + 1);
}

}  // namespace amphi::serve
