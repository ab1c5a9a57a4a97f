// SPDX-License-Identifier: BSL-1.0
#include "amounts.hpp"

#include <array>
#include <cstddef>
#include <cstdio>

namespace amphi::fetch {

std::string in_bytes(std::uint64_t bytes) {
    constexpr std::array<const char*, 6> units{"KB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) return std::to_string(bytes) + " B";
    double amount = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    // 999.5 of one would be shown as 1000 of it.
    for (; amount >= 999.5 && unit + 1 < units.size(); ++unit)
        amount /= 1000;
    std::array<char, 32> text{};
    std::snprintf(
        text.data(), text.size(), amount < 9.95 ? "%.1f %s" : "%.0f %s", amount, units[unit]
    );
    return text.data();
}

std::string in_time_units(std::chrono::milliseconds length) {
    const double seconds = static_cast<double>(length.count()) / 1000;
    std::array<char, 32> text{};
    if (seconds < 9.995)
        std::snprintf(text.data(), text.size(), "%.2f s", seconds);
    else if (seconds < 119.5)
        std::snprintf(text.data(), text.size(), "%.0f s", seconds);
    else
        return std::to_string(length.count() / 60'000) + " min " +
               std::to_string(length.count() / 1000 % 60) + " s";
    return text.data();
}

}  // namespace amphi::fetch
