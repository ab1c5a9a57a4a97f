// SPDX-License-Identifier: BSL-1.0
#include "commands.hpp"
#include "demo_run.hpp"

#include <filesystem>
#include <memory>

#include <CLI/App.hpp>

namespace amphi::cli {

void add_demo(CLI::App& app, int& exit_code) {
    CLI::App* const command =
        app.add_subcommand("demo", "Downloads from its own server in both lives and compares them");
    const auto plan = std::make_shared<demo_plan>();
    command->add_flag("--keep", plan->keep_files, "Keep the temporary files");
    command->callback([plan, &exit_code] {
        // Read now: the link names this process, and a child that follows it would name itself.
        plan->program = std::filesystem::read_symlink("/proc/self/exe");
        exit_code = run_demo(*plan);
    });
}

}  // namespace amphi::cli
