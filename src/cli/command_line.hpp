// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

namespace amphi::cli {

/// Exit codes of the command: what the subcommands return is theirs, these two are common.
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

/// Parses the arguments, runs the subcommand that they name and returns its exit code; bad usage is
/// explained on standard error. Throws nothing.
[[nodiscard]] int run_command_line(int argc, const char* const* argv) noexcept;

/// Writes to standard output, all of it. Throws `std::system_error`: the disk is full.
void print_all(const std::string& text);

}  // namespace amphi::cli
