// SPDX-License-Identifier: BSL-1.0
#include "command_line.hpp"

#include <amphi/base/error.hpp>
#include <amphi/version.hpp>

#include "commands.hpp"

#include <cerrno>
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>  // IWYU pragma: keep: App's defaults live there, inline
#include <CLI/Error.hpp>
#include <CLI/Formatter.hpp>  // IWYU pragma: keep: as above

namespace amphi::cli {

namespace {

std::string version_text() {
    return "amphi " + std::to_string(AMPHI_VERSION_MAJOR) + "." +
           std::to_string(AMPHI_VERSION_MINOR) + "." + std::to_string(AMPHI_VERSION_PATCH);
}

int parse_and_run(int argc, const char* const* argv) {
    int exit_code = 0;
    CLI::App app(
        "Downloads, serves and measures: one program on plain threads or on async.", "amphi"
    );
    app.set_version_flag("--version", version_text());
    app.require_subcommand(1);
    app.failure_message(CLI::FailureMessage::simple);
    add_get(app, exit_code);
    add_serve(app, exit_code);
    add_demo(app, exit_code);
    add_compare(app, exit_code);
    add_doctor(app, exit_code);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11 prints help, version or the error; of its codes only "nothing is wrong" is kept.
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    return exit_code;
}

}  // namespace

int run_command_line(int argc, const char* const* argv) noexcept {
    try {
        return parse_and_run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "amphi: %s\n", error.what());
        return exit_failed;
    }
}

void print_all(const std::string& text) {
    if (std::fputs(text.c_str(), stdout) == EOF || std::fflush(stdout) != 0)
        detail::throw_system_error(errno, "cannot write to standard output");
}

}  // namespace amphi::cli
