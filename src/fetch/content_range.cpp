// SPDX-License-Identifier: BSL-1.0
#include "content_range.hpp"

#include "http_time.hpp"

#include <charconv>
#include <chrono>
#include <system_error>

namespace amphi::fetch {

namespace {

/// Takes a number and the character behind it from the front of `text`.
bool take_number(std::string_view& text, std::uint64_t& number, char until) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (error != std::errc()) return false;
    if (until == '\0') return text.empty();
    if (text.empty() || text.front() != until) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::optional<content_range> parse_content_range(std::string_view text) noexcept {
    constexpr std::string_view unit = "bytes ";
    if (!text.starts_with(unit)) return std::nullopt;
    text.remove_prefix(unit.size());
    content_range range;
    if (!take_number(text, range.first, '-') || !take_number(text, range.last, '/'))
        return std::nullopt;
    if (text != "*") {
        std::uint64_t total = 0;
        if (!take_number(text, total, '\0') || range.last >= total) return std::nullopt;
        range.total = total;
    }
    if (range.first > range.last) return std::nullopt;
    return range;
}

std::string strong_validator(const http::response_head& head) {
    const std::string_view tag = head.field("etag");
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') return std::string(tag);
    const std::string_view changed = head.field("last-modified");
    const auto when = parse_http_time(changed);
    const auto now = parse_http_time(head.field("date"));
    if (when && now && *now - *when >= std::chrono::minutes(1)) return std::string(changed);
    return {};
}

}  // namespace amphi::fetch
