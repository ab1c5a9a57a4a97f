// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace CLI {
class App;
}

namespace amphi::cli {

// Each subcommand is a file of its own name, with a function `void add_NAME(CLI::App&, int&
// exit_code)` that adds the subcommand, with a callback that runs it after parsing and leaves its
// exit code. What a callback throws is printed, and the exit code is 1.

void add_compare(CLI::App& app, int& exit_code);
void add_demo(CLI::App& app, int& exit_code);
void add_doctor(CLI::App& app, int& exit_code);
void add_get(CLI::App& app, int& exit_code);
void add_serve(CLI::App& app, int& exit_code);

}  // namespace amphi::cli
