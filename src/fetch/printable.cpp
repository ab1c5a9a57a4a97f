// SPDX-License-Identifier: BSL-1.0
#include "printable.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace amphi::fetch {

namespace {

/// One character of UTF-8: how many bytes it has, and which one it is. Zero bytes: not UTF-8.
struct character {
    std::size_t bytes;
    std::uint32_t code;
};

character first_of(std::string_view text) noexcept {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) return {1, lead};
    const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {0, 0};
    std::uint32_t code = lead & (0x7fU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0U) != 0x80) return {0, 0};
        code = code << 6 | (next & 0x3fU);
    }
    const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (overlong || surrogate || code > 0x10ffff) return {0, 0};
    return {bytes, code};
}

bool is_control(std::uint32_t code) noexcept {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) ||  // C0, DEL, C1
           code == 0x061c || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) ||  // separators of lines, embeddings, overrides
           (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

/// How much of the beginning needs no look: nearly all of most texts.
std::size_t plain_run(std::string_view text) noexcept {
    const auto* const end = std::find_if(text.begin(), text.end(), [](char c) {
        return c < ' ' || c > '~' || c == '"' || c == '\\';
    });
    return static_cast<std::size_t>(end - text.begin());
}

template <class Escape>
std::string escaped(std::string_view text, Escape escape) {
    std::string shown;
    shown.reserve(text.size());
    for (;;) {
        const std::size_t plain = plain_run(text);
        shown += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const character c = first_of(text);
        const std::size_t bytes = c.bytes == 0 ? 1 : c.bytes;
        if (!escape(shown, c, static_cast<unsigned char>(text.front())))
            shown += text.substr(0, bytes);
        text.remove_prefix(bytes);
    }
    return shown;
}

void append_number(std::string& to, const char* format, std::uint32_t number) {
    char digits[16];
    const int length = std::snprintf(digits, sizeof digits, format, number);
    to.append(digits, static_cast<std::size_t>(length));
}

}  // namespace

std::string printable(std::string_view text) {
    return escaped(text, [](std::string& shown, character c, unsigned char byte) {
        if (c.bytes != 0 && !is_control(c.code)) return false;
        if (c.bytes <= 1)
            append_number(shown, "\\x%02x", byte);
        else
            append_number(shown, "\\u%04x", c.code);
        return true;
    });
}

std::string json_escaped(std::string_view text) {
    return escaped(text, [](std::string& shown, character c, unsigned char byte) {
        if (c.bytes == 0) {
            // A byte that is no UTF-8 has no place in JSON: it is shown as `printable` does.
            append_number(shown, "\\\\x%02x", byte);
            return true;
        }
        if (c.code == '"' || c.code == '\\') {
            shown += '\\';
            shown += static_cast<char>(byte);
            return true;
        }
        if (!is_control(c.code)) return false;
        append_number(shown, "\\u%04x", c.code);
        return true;
    });
}

}  // namespace amphi::fetch
