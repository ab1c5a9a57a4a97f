// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/environment.hpp>

#include "command_line.hpp"
#include "commands.hpp"
#include "doctor/diagnosis.hpp"
#include "doctor/machine.hpp"
#include "doctor/probes.hpp"

#include <memory>
#include <string>

#include <CLI/App.hpp>

namespace amphi::cli {

namespace {

std::string variable(const char* name) {
    const char* const value = detail::environment(name);
    return value != nullptr ? value : "";
}

}  // namespace

void add_doctor(CLI::App& app, int& exit_code) {
    CLI::App* const command =
        app.add_subcommand("doctor", "Says what this machine allows and what amphi would choose");
    const auto as_json = std::make_shared<bool>(false);
    command->add_flag("--json", *as_json, "Prints one JSON object");
    command->callback([as_json, &exit_code] {
        const doctor::variables set{
            variable("AMPHI_DRIVER"), variable("AMPHI_WORKERS"), variable("AMPHI_ON")
        };
        const auto all = doctor::diagnose(doctor::look(), doctor::probe(), set);
        print_all(*as_json ? doctor::json(all) : doctor::screen(all));
        exit_code = 0;
    });
}

}  // namespace amphi::cli
