// SPDX-License-Identifier: BSL-1.0
#include "http_date.hpp"

#include <array>
#include <cstddef>
#include <cstdio>

namespace amphi::serve {

namespace {

// Names of our own: those of strftime and strptime depend on the locale.
constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};
constexpr std::string_view model = "Sun, 06 Nov 1994 08:49:37 GMT";

/// A number that fills its place; -1 when there is anything but digits.
int number_at(std::string_view text, std::size_t place, std::size_t length) noexcept {
    int number = 0;
    for (const char c : text.substr(place, length)) {
        if (c < '0' || c > '9') return -1;
        number = number * 10 + (c - '0');
    }
    return number;
}

}  // namespace

std::string http_date(std::time_t when) {
    std::tm t{};
    gmtime_r(&when, &t);
    std::array<char, 64> text{};
    const int length = std::snprintf(
        text.data(),
        text.size(),
        "%s, %02d %s %04d %02d:%02d:%02d GMT",
        days[static_cast<std::size_t>(t.tm_wday)],
        t.tm_mday,
        months[static_cast<std::size_t>(t.tm_mon)].data(),
        t.tm_year + 1900,
        t.tm_hour,
        t.tm_min,
        t.tm_sec
    );
    return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<std::time_t> parse_http_date(std::string_view text) {
    if (text.size() != model.size()) return std::nullopt;
    std::tm t{};
    t.tm_mday = number_at(text, 5, 2);
    t.tm_mon = -1;
    for (std::size_t m = 0; m < months.size(); ++m)
        if (text.substr(8, 3) == months[m]) t.tm_mon = static_cast<int>(m);
    t.tm_year = number_at(text, 12, 4) - 1900;
    t.tm_hour = number_at(text, 17, 2);
    t.tm_min = number_at(text, 20, 2);
    t.tm_sec = number_at(text, 23, 2);
    if (t.tm_mon < 0) return std::nullopt;
    const std::time_t when = timegm(&t);
    // What timegm had to normalise, and what is not of the form, does not print the same.
    if (http_date(when) != text) return std::nullopt;
    return when;
}

}  // namespace amphi::serve
