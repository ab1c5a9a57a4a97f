// SPDX-License-Identifier: BSL-1.0
#include "options.hpp"

#include <amphi/async/runtime.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
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
