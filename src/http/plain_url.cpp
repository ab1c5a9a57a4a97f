// SPDX-License-Identifier: BSL-1.0
#include "plain_url.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace amphi::http::detail {

namespace {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

constexpr bool is_host_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.';
}

/// What stands in a path for itself. Percent signs are left to the parser, which normalises them.
constexpr std::array<bool, 256> path_characters = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789-._~!$&'()*+,;=:@/"))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

bool is_plain_path(std::string_view path) noexcept {
    if (path.empty() || path.front() != '/') return false;
    char before = '\0';
    for (const char c : path) {
        // "/." may be a step that leads upwards.
        if (!path_characters[static_cast<unsigned char>(c)] || (before == '/' && c == '.'))
            return false;
        before = c;
    }
    return true;
}

bool is_usual_address(std::string_view host) noexcept {
    std::array<char, INET_ADDRSTRLEN> text{};
    if (host.size() >= text.size()) return false;
    host.copy(text.data(), host.size());
    in_addr ignored{};
    return inet_pton(AF_INET, text.data(), &ignored) == 1;
}

/// A name whose last label cannot be taken for a number: "127.1" and "0x7f.1" are addresses too.
bool is_plain_name(std::string_view host) noexcept {
    const std::size_t dot = host.rfind('.');
    const std::size_t last = dot == std::string_view::npos ? 0 : dot + 1;
    return host.front() != '.' && last < host.size() && !is_digit(host[last]) &&
           host.find("..") == std::string_view::npos;
}

/// The number after the colon; nothing when it is none, or written in an unusual way.
std::optional<std::uint16_t> parse_port(std::string_view digits) noexcept {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '0' ||
        number > std::numeric_limits<std::uint16_t>::max())
        return std::nullopt;
    return static_cast<std::uint16_t>(number);
}

}  // namespace

std::optional<plain_url> parse_plain(std::string_view text) noexcept {
    constexpr std::string_view separator = "://";
    plain_url parsed;
    const bool secure = text.starts_with("https://");
    if (!secure && !text.starts_with("http://")) return std::nullopt;
    parsed.scheme = text.substr(0, secure ? 5 : 4);
    parsed.port = secure ? 443 : 80;
    const std::string_view rest = text.substr(parsed.scheme.size() + separator.size());

    std::size_t at = 0;
    while (at < rest.size() && is_host_character(rest[at]))
        ++at;
    parsed.host = rest.substr(0, at);
    if (parsed.host.empty()) return std::nullopt;
    parsed.has_address = is_digit(parsed.host.back()) && is_usual_address(parsed.host);
    if (!parsed.has_address && !is_plain_name(parsed.host)) return std::nullopt;

    const std::size_t slash = rest.find('/', at);
    if (slash == std::string_view::npos) return std::nullopt;
    if (slash != at) {
        // No colon, no port: then something else stands there, say a user's name.
        const auto port =
            rest[at] == ':' ? parse_port(rest.substr(at + 1, slash - at - 1)) : std::nullopt;
        if (!port) return std::nullopt;
        parsed.port = *port;
    }
    parsed.path = rest.substr(slash);
    if (!is_plain_path(parsed.path)) return std::nullopt;
    return parsed;
}

}  // namespace amphi::http::detail
