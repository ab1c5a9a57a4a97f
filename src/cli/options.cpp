// SPDX-License-Identifier: BSL-1.0
#include "options.hpp"

#include <amphi/async/runtime.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Error.hpp>
#include <CLI/Validators.hpp>

namespace amphi::cli {

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, double>, 4> units{
        {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}}
    };
    constexpr double longest = 366.0 * 24 * 3600e3;
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto* const unit =
        std::find_if(units.begin(), units.end(), [text](auto& u) { return u.first == text; });
    // Written so that "nan" is refused too.
    if (unit == units.end() || !(number >= 0 && number * unit->second <= longest))
        return std::nullopt;
    return std::chrono::milliseconds(std::llround(number * unit->second));
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
    constexpr std::string_view letters = "KMGT";
    constexpr double most = 1e18;
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::size_t power = text.empty() ? std::string_view::npos : letters.find(text.front());
    if (power != std::string_view::npos) {
        text.remove_prefix(1);
        const bool binary = text.starts_with('i');
        if (binary) text.remove_prefix(1);
        number *= std::pow(binary ? 1024.0 : 1000.0, static_cast<double>(power + 1));
    }
    if (text == "B") text = {};
    if (!text.empty() || !(number >= 0 && number <= most)) return std::nullopt;
    return static_cast<std::uint64_t>(std::llround(number));
}

std::optional<double> parse_rate(std::string_view text) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const double length = text.empty() || text == "/s" ? 1 : text == "/m" ? 60 : 3600;
    if (error != std::errc() || (length == 3600 && text != "/h")) return std::nullopt;
    // Not rarer than once a day, written so that "nan" is refused too.
    if (!(number / length >= 1.0 / 86'400 && number / length <= 1e6)) return std::nullopt;
    return number / length;
}

void add_duration_option(
    CLI::App& command,
    const std::string& name,
    std::chrono::milliseconds& value,
    const std::string& description
) {
    command
        .add_option_function<std::string>(
            name,
            [&value, name](const std::string& text) {
                const auto parsed = parse_duration(text);
                if (!parsed)
                    throw CLI::ValidationError(
                        name, "'" + text + "' is no duration: write it like 20ms, 1.5s or 2m"
                    );
                value = *parsed;
            },
            description
        )
        ->type_name("TIME");
}

void add_executor_option(CLI::App& command, executor& where) {
    command
        .add_option_function<std::string>(
            "--on",
            [&where](const std::string& name) {
                where = name == "threads" ? executor(threads) : executor(async);
            },
            "The life of its tasks: async (default) or threads"
        )
        ->check(CLI::IsMember({"threads", "async"}))
        ->type_name("EXECUTOR");
}

}  // namespace amphi::cli
