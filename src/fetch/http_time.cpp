// SPDX-License-Identifier: BSL-1.0
#include "http_time.hpp"

#include <ctime>
#include <string>

namespace amphi::fetch {

std::optional<std::chrono::system_clock::time_point> parse_http_time(std::string_view text) {
    const std::string terminated(text);
    std::tm parts{};
    const char* const end = ::strptime(terminated.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0') return std::nullopt;
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace amphi::fetch
