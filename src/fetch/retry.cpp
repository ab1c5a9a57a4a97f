// SPDX-License-Identifier: BSL-1.0
#include "retry.hpp"

#include "http_time.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

namespace amphi::fetch {

bool is_temporary(int status) noexcept {
    switch (status) {
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
        return true;
    default:
        return false;
    }
}

std::optional<std::chrono::seconds>
retry_after(const http::response_head& head, std::chrono::system_clock::time_point now) {
    const std::string_view text = head.field("retry-after");
    if (text.empty()) return std::nullopt;
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (end == text.data() + text.size()) {
        if (error == std::errc()) return std::chrono::seconds(seconds);
        if (error == std::errc::result_out_of_range)
            return std::chrono::seconds(std::numeric_limits<std::uint32_t>::max());
    }
    const auto date = parse_http_time(text);
    if (!date) return std::nullopt;
    return std::max(
        std::chrono::ceil<std::chrono::seconds>(*date - now), std::chrono::seconds::zero()
    );
}

}  // namespace amphi::fetch
