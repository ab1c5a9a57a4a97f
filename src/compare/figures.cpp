// SPDX-License-Identifier: BSL-1.0
#include "figures.hpp"

#include "fetch/amounts.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace amphi::compare {

namespace {

using unit = figure_kind::unit;

constexpr std::array<figure_kind, figure_count> kinds{{
    {"wall time", "wall_seconds", unit::seconds},
    {"user CPU", "user_seconds", unit::seconds},
    {"system CPU", "system_seconds", unit::seconds},
    {"CPU", "cpu_seconds", unit::seconds},
    {"peak memory", "memory_bytes", unit::bytes},
    {"peak threads", "threads", unit::number},
    {"voluntary switches", "voluntary_switches", unit::number},
    {"involuntary switches", "involuntary_switches", unit::number},
    {"bytes read", "read_bytes", unit::bytes},
    {"bytes written", "write_bytes", unit::bytes},
    {"read and write calls", "read_write_calls", unit::number},
}};

std::string seconds(double value) {
    std::array<char, 32> text{};
    const double milli = value * 1000;
    std::snprintf(
        text.data(),
        text.size(),
        value < 1 ? (milli < 10 ? "%.2f ms" : "%.1f ms") : "%.2f s",
        value < 1 ? milli : value
    );
    return text.data();
}

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t place = text.size(); place > 3;) {
        place -= 3;
        text.insert(place, 1, ',');
    }
    return text;
}

}  // namespace

const figure_kind& kind_of(figure what) noexcept {
    return kinds[static_cast<std::size_t>(what)];
}

std::string printed(figure what, double value) {
    switch (kind_of(what).in) {
    case unit::seconds:
        return seconds(value);
    case unit::bytes:
        return fetch::in_bytes(static_cast<std::uint64_t>(std::llround(value)));
    case unit::number:
        break;
    }
    return grouped(static_cast<std::uint64_t>(std::llround(value)));
}

std::vector<double> side::values(figure what) const {
    std::vector<double> list;
    for (const run_figures& run : runs) {
        const auto& value = run[static_cast<std::size_t>(what)];
        if (!value) return {};
        list.push_back(*value);
    }
    return list;
}

}  // namespace amphi::compare
