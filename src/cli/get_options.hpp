// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/runtime.hpp>
#include <amphi/exec/executor.hpp>

#include "fetch/settings.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace amphi::cli {

/// What `amphi get` was asked for.
struct get_options {
    fetch::settings how;
    executor where = async;
    bool on_threads = false;
    std::vector<std::string> urls;
    std::string list;
    std::string folder;
    std::string output;
    std::string sha256;
    std::string failed;
    bool quiet = false;
    bool json = false;
};

/// Adds the options of `amphi get`, without those of access. `options` must outlive the parsing.
void add_get_options(CLI::App& command, get_options& options);

/// After the parsing: throws `CLI::Error` for what does not fit together.
void check_options(get_options& options);

}  // namespace amphi::cli
