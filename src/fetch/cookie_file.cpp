// SPDX-License-Identifier: BSL-1.0
#include "cookie_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace amphi::fetch {

namespace {

constexpr std::size_t fields_count = 7;

bool is_sendable_text(std::string_view text) noexcept {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return (c >= 0 && c < ' ') || c == '\x7f' || c == ';';
    });
}

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

}  // namespace

void cookie_file::add(std::string_view text) {
    constexpr std::string_view only_http = "#HttpOnly_";
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with(only_http))
            line.remove_prefix(only_http.size());
        else if (line.starts_with('#') || line.find_first_not_of(" \t") == std::string_view::npos)
            continue;
        try {
            insert(parse(line));
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument("line " + std::to_string(number) + ": " + error.what());
        }
    }
}

void cookie_file::insert(cookie one) {
    const auto after = std::find_if(all_.begin(), all_.end(), [&](const cookie& before) {
        return before.path.size() < one.path.size();
    });
    all_.insert(after, std::move(one));
}

cookie_file::cookie cookie_file::parse(std::string_view line) {
    std::array<std::string_view, fields_count> fields;
    for (std::size_t i = 0; i < fields_count; ++i) {
        const bool is_last = i + 1 == fields_count;
        const std::size_t end = is_last ? line.size() : line.find('\t');
        if (end == std::string_view::npos)
            throw std::invalid_argument("a cookie has seven fields with tabs between them");
        fields.at(i) = line.substr(0, end);
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    cookie one;
    one.domain = in_lower_case(fields[0].substr(fields[0].starts_with('.') ? 1 : 0));
    one.with_subdomains = in_lower_case(fields[1]) == "true";
    one.path = fields[2];
    one.only_secure = in_lower_case(fields[3]) == "true";
    const std::string_view date = fields[4];
    const auto [end, error] = std::from_chars(date.data(), date.data() + date.size(), one.expires);
    if (error != std::errc() || one.domain.empty() || fields[5].empty())
        throw std::invalid_argument("a cookie has a domain, a date as a number, and a name");
    if (!is_sendable_text(fields[5]) || !is_sendable_text(fields[6]))
        throw std::invalid_argument("a cookie with characters that no header has");
    one.pair = std::string(fields[5]) + '=' + std::string(fields[6]);
    return one;
}

bool cookie_file::is_for(const cookie& one, const http::url& to) {
    const std::string& host = to.host();
    const bool is_below = one.with_subdomains && !to.has_address() &&
                          host.size() > one.domain.size() && host.ends_with(one.domain) &&
                          host[host.size() - one.domain.size() - 1] == '.';
    if (host != one.domain && !is_below) return false;
    if (one.only_secure && !to.is_secure()) return false;
    const std::string path = to.path().empty() ? "/" : to.path();
    if (!path.starts_with(one.path)) return false;
    return path.size() == one.path.size() || one.path.ends_with('/') ||
           path[one.path.size()] == '/' || one.path.empty();
}

std::string
cookie_file::value_for(const http::url& to, std::chrono::system_clock::time_point now) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    std::string value;
    for (const cookie& one : all_) {
        if ((one.expires != 0 && one.expires <= seconds) || !is_for(one, to)) continue;
        if (!value.empty()) value += "; ";
        value += one.pair;
    }
    return value;
}

}  // namespace amphi::fetch
