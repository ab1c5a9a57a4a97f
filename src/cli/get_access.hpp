// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "fetch/settings.hpp"

namespace CLI {
class App;
}

namespace amphi::cli {

/// Adds the options of `amphi get` that say who we are and by which way hosts are reached. `how`
/// must outlive the parsing.
void add_access_options(CLI::App& command, fetch::settings& how);

}  // namespace amphi::cli
