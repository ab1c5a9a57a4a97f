// SPDX-License-Identifier: BSL-1.0
#include "file_name.hpp"

#include "printable.hpp"

#include <cstddef>
#include <optional>
#include <stdexcept>

namespace amphi::fetch {

namespace {

std::optional<unsigned> hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
        const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
        if (text[i] == '%' && high && low) {
            decoded += static_cast<char>(*high << 4 | *low);
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

constexpr std::size_t path_bytes_max = 2048;

[[noreturn]] void refuse(const char* what, const std::string& name, const char* why) {
    throw std::invalid_argument(std::string(what) + " \"" + printable(name) + "\" " + why);
}

/// A name in a folder, or of one.
void check(const char* what, const std::string& name) {
    if (name.find_first_of("/\\") != std::string::npos)
        refuse(what, name, "would lead to another folder");
    if (name.empty()) refuse(what, name, "is empty");
    if (name.front() == '.') refuse(what, name, "begins with a dot");
    if (name.front() == '-') refuse(what, name, "looks like an option");
    if (printable(name) != name) refuse(what, name, "has characters that cannot be shown");
    if (name.size() > name_bytes_max) refuse(what, name, "is too long");
    if (name.ends_with(".part") || name.ends_with(".part.from"))
        refuse(what, name, "has the ending of an unfinished download");
}

/// Calls `f` with each part of a path.
template <class F>
void for_each_part(std::string_view path, F f) {
    for (;;) {
        const std::size_t slash = path.find('/');
        f(path.substr(0, slash));
        if (slash == std::string_view::npos) return;
        path.remove_prefix(slash + 1);
    }
}

/// The host as a folder's name; its port too, when it is not the usual one.
std::string folder_of(const http::url& from) {
    const bool is_ipv6 = from.host().find(':') != std::string::npos;
    std::string name = is_ipv6 ? '[' + from.host() + ']' : from.host();
    if (from.port() != (from.is_secure() ? 443 : 80)) name += ':' + std::to_string(from.port());
    return name;
}

}  // namespace

std::string file_name_of(const http::url& from) {
    const std::string_view path = from.path();
    std::string name = percent_decoded(path.substr(path.rfind('/') + 1));
    if (name.empty()) return "index.html";
    check("the URL's file name", name);
    return name;
}

std::string tree_name_of(const http::url& from) {
    std::string name = folder_of(from);
    check("the URL's host", name);
    const std::string_view path = from.path();
    for_each_part(path, [&](std::string_view part) {
        if (part.empty()) return;
        const std::string decoded = percent_decoded(part);
        check("the URL's folder", decoded);
        name += '/' + decoded;
    });
    if (path.empty() || path.back() == '/') name += "/index.html";
    if (name.size() > path_bytes_max) refuse("the URL's path", name, "is too long");
    return name;
}

void check_path(const std::string& path) {
    for_each_part(path, [](std::string_view part) { check("its path's", std::string(part)); });
    if (path.size() > path_bytes_max) refuse("its path", path, "is too long");
}

}  // namespace amphi::fetch
