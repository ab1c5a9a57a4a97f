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

[[noreturn]] void refuse(const std::string& name, const char* why) {
    throw std::invalid_argument("the URL's file name \"" + printable(name) + "\" " + why);
}

}  // namespace

std::string file_name_of(const http::url& from) {
    const std::string_view path = from.path();
    std::string name = percent_decoded(path.substr(path.rfind('/') + 1));
    if (name.empty()) return "index.html";
    if (name.find_first_of("/\\") != std::string::npos)
        refuse(name, "would lead to another folder");
    if (name.front() == '.') refuse(name, "begins with a dot");
    if (name.front() == '-') refuse(name, "looks like an option");
    if (printable(name) != name) refuse(name, "has characters that cannot be shown");
    if (name.size() > name_bytes_max) refuse(name, "is too long");
    if (name.ends_with(".part")) refuse(name, "has the ending of an unfinished download");
    return name;
}

}  // namespace amphi::fetch
