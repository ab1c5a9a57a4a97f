// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/executor.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace amphi::cli {

/// "20ms", "1.5s", "2m", "1h": a number and its unit. None when it is anything else, negative, or
/// longer than a year.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "500", "64K", "1.5MB", "2GiB": a number of bytes, by powers of 1,000, with an i of 1,024. None
/// when it is anything else.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// "10/s", "0.5/s", "30/m", "1000/h": how often a second; a number alone counts as a second's.
[[nodiscard]] std::optional<double> parse_rate(std::string_view text);

/// Adds an option whose value is a duration. `value` holds the default and must outlive the
/// parsing.
void add_duration_option(
    CLI::App& command,
    const std::string& name,
    std::chrono::milliseconds& value,
    const std::string& description
);

/// Adds `--on threads|async`. `where` holds the default, async, and must outlive the parsing.
void add_executor_option(CLI::App& command, executor& where);

}  // namespace amphi::cli
