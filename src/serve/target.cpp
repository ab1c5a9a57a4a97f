// SPDX-License-Identifier: BSL-1.0
#include "target.hpp"

#include <cstddef>

namespace amphi::serve {

namespace {

int hex_value(char digit) noexcept {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (text.size() - i < 3) return std::nullopt;
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (c == '\0') return std::nullopt;
        decoded += c;
    }
    return decoded;
}

/// A proxy's form of a target, "http://host/path", without its beginning.
std::string_view without_authority(std::string_view target) noexcept {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const std::size_t end = target.find_first_of("/?#", scheme.size());
        return end == std::string_view::npos ? "/" : target.substr(end);
    }
    return target;
}

bool goes_up(std::string_view path) noexcept {
    for (;;) {
        const std::size_t slash = path.find('/');
        if (path.substr(0, slash) == "..") return true;
        if (slash == std::string_view::npos) return false;
        path.remove_prefix(slash + 1);
    }
}

}  // namespace

std::optional<std::string> path_of_target(std::string_view target) {
    target = without_authority(target);
    if (!target.starts_with('/')) return std::nullopt;
    std::optional<std::string> path = percent_decoded(target.substr(0, target.find_first_of("?#")));
    if (!path || goes_up(*path)) return std::nullopt;
    path->erase(0, path->find_first_not_of('/'));
    return path;
}

}  // namespace amphi::serve
