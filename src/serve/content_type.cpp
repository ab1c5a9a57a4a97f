// SPDX-License-Identifier: BSL-1.0
#include "content_type.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace amphi::serve {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 19> types{{
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"htm", "text/html; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"ico", "image/x-icon"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"md", "text/markdown; charset=utf-8"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"svg", "image/svg+xml"},
    {"txt", "text/plain; charset=utf-8"},
    {"webp", "image/webp"},
    {"xml", "application/xml"},
    {"zip", "application/zip"},
}};

bool same_letters(std::string_view text, std::string_view lower_case) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(
        text.begin(),
        text.end(),
        lower_case.begin(),
        lower_case.end(),
        [lower](char a, char b) { return lower(a) == b; }
    );
}

}  // namespace

std::string_view content_type_of(std::string_view path) noexcept {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    if (dot != std::string_view::npos) {
        for (const auto& [suffix, type] : types)
            if (same_letters(name.substr(dot + 1), suffix)) return type;
    }
    return "application/octet-stream";
}

}  // namespace amphi::serve
