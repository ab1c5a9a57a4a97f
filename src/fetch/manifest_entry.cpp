// SPDX-License-Identifier: BSL-1.0
#include "manifest_entry.hpp"

#include "json_members.hpp"
#include "json_object.hpp"
#include "printable.hpp"

#include <array>
#include <cstddef>
#include <ctime>
#include <span>
#include <utility>

namespace amphi::fetch {

namespace {

// A blank stands in no URL.
constexpr char before_hash = ' ';
constexpr std::size_t field_bytes_max = 1024;

bool is_plain(std::string_view text) {
    return printable(text) == text;
}

std::string in_utc(std::chrono::system_clock::time_point when) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), size};
}

void add_field(json_object& to, std::string_view name, const std::string& value) {
    if (!value.empty() && value.size() <= field_bytes_max && is_plain(value)) to.add(name, value);
}

/// Nothing that could not stand in one header line, whoever wrote it.
std::string field(const json_members& from, std::string_view name) {
    std::string value = from.text(name).value_or("");
    return value.size() <= field_bytes_max && is_plain(value) ? value : std::string();
}

}  // namespace

std::string manifest_key(const http::url& from) {
    std::string shown = from.without_secrets();
    if (shown == from.text() && is_plain(shown)) return shown;
    sha256 hash;
    hash.update(std::as_bytes(std::span(from.text())));
    return printable(shown) + before_hash + to_hex(hash.finish());
}

std::optional<std::string>
to_line(const manifest_entry& entry, std::chrono::system_clock::time_point now) {
    if (!is_plain(entry.path)) return std::nullopt;
    const std::size_t blank = entry.key.rfind(before_hash);
    json_object line;
    line.add("url", std::string_view(entry.key).substr(0, blank));
    if (blank != std::string::npos)
        line.add("url_sha256", std::string_view(entry.key).substr(blank + 1));
    line.add("path", entry.path).add("size", entry.size);
    add_field(line, "etag", entry.etag);
    add_field(line, "last_modified", entry.last_modified);
    line.add("time", in_utc(now));
    if (entry.sha256) line.add("sha256", to_hex(*entry.sha256));
    return line.text() + '\n';
}

std::optional<manifest_entry> parse_manifest_line(std::string_view line) {
    const auto members = json_members::parse(line);
    if (!members) return std::nullopt;
    auto url = members->text("url");
    auto path = members->text("path");
    const auto size = members->number("size");
    if (!url || !path || !size) return std::nullopt;
    manifest_entry entry;
    entry.key = std::move(*url);
    if (const auto hash = members->text("url_sha256")) entry.key += before_hash + *hash;
    entry.path = std::move(*path);
    entry.size = *size;
    entry.etag = field(*members, "etag");
    entry.last_modified = field(*members, "last_modified");
    if (const auto sum = members->text("sha256")) {
        entry.sha256 = parse_sha256(*sum);
        if (!entry.sha256) return std::nullopt;
    }
    return entry;
}

}  // namespace amphi::fetch
