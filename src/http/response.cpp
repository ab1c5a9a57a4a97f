// SPDX-License-Identifier: BSL-1.0
#include <amphi/http/response.hpp>

#include <charconv>
#include <cstddef>
#include <system_error>

#include <strings.h>

namespace amphi::http {

namespace {

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blank = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

}  // namespace

std::string_view response_head::field(std::string_view name) const noexcept {
    std::string_view rest = fields_;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        if (line.size() > name.size() && line[name.size()] == ':' &&
            strncasecmp(line.data(), name.data(), name.size()) == 0)
            return trimmed(line.substr(name.size() + 1));
    }
    return {};
}

std::optional<std::uint64_t> response_head::content_length() const noexcept {
    const std::string_view text = field("content-length");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return length;
}

}  // namespace amphi::http
