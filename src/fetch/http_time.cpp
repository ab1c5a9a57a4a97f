// SPDX-License-Identifier: BSL-1.0
#include "http_time.hpp"

#include <algorithm>
#include <ctime>
#include <string>

namespace amphi::fetch {

std::optional<std::chrono::system_clock::time_point> parse_http_time(std::string_view text) {
    const std::string terminated(text);
    std::tm parts{};
    const char* const end = ::strptime(terminated.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0') return std::nullopt;
    // The clock counts in smaller units, and ends sooner than the years that can be written.
    using std::chrono::system_clock;
    const std::time_t last = system_clock::to_time_t(system_clock::time_point::max());
    return system_clock::from_time_t(std::clamp<std::time_t>(::timegm(&parts), 0, last));
}

}  // namespace amphi::fetch
