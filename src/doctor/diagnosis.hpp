// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "machine.hpp"
#include "probes.hpp"

#include <string>
#include <vector>

namespace amphi::doctor {

/// A thing that amphi would take here, and why.
class choice {
public:
    std::string name;
    std::string reason;
};

/// What the environment's variables are, empty where they are not set.
class variables {
public:
    std::string driver;   ///< AMPHI_DRIVER
    std::string workers;  ///< AMPHI_WORKERS
    std::string on;       ///< AMPHI_ON
};

/// What was found, what follows from it, and what to change.
class diagnosis {
public:
    machine found;
    probes answers;
    choice driver;
    choice workers;
    choice life;
    std::vector<std::string> advice;
};

/// Decides as the library does.
[[nodiscard]] diagnosis diagnose(machine found, probes answers, const variables& set);

/// One screen for people.
[[nodiscard]] std::string screen(const diagnosis& all);
/// One object in one line.
[[nodiscard]] std::string json(const diagnosis& all);

}  // namespace amphi::doctor
