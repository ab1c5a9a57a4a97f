// SPDX-License-Identifier: BSL-1.0
#include "redirect.hpp"

#include <amphi/http/error.hpp>

#include <algorithm>
#include <array>
#include <string>

#include <strings.h>

namespace amphi::http::detail {

namespace {

constexpr std::array<std::string_view, 6> harmless{
    "accept", "accept-encoding", "accept-language", "cache-control", "pragma", "user-agent"
};

}  // namespace

bool is_redirect(const response_head& head) noexcept {
    switch (head.status()) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return !head.field("location").empty();
    default:
        return false;
    }
}

url redirect_target(const url& from, const response_head& head) {
    const std::string location(head.field("location"));
    url to = [&] {
        try {
            return from.resolve(location);
        } catch (const fetch_error& error) {
            throw fetch_error(
                failure::redirect,
                from.without_secrets(),
                "redirected to " + without_secrets(location) + ": " + error.cause()
            );
        }
    }();
    if (from.is_secure() && !to.is_secure())
        throw fetch_error(
            failure::redirect,
            from.without_secrets(),
            "redirected from https to " + to.without_secrets() + ", which is not secure"
        );
    return to;
}

bool is_harmless_header(std::string_view line) noexcept {
    const std::string_view name = line.substr(0, line.find(':'));
    return std::any_of(harmless.begin(), harmless.end(), [name](std::string_view known) {
        return name.size() == known.size() &&
               strncasecmp(name.data(), known.data(), known.size()) == 0;
    });
}

}  // namespace amphi::http::detail
