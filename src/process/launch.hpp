// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include <array>
#include <string>
#include <vector>

#include <sys/types.h>

namespace amphi::detail {

/// A program to start, as the kernel wants to know it.
class launch_plan {
public:
    std::string program;             ///< for messages
    std::vector<std::string> paths;  ///< tried in turn
    std::vector<std::string> words;  ///< the program's name and its arguments
    std::vector<std::string> environment;
    std::string folder;                    ///< empty: this process's
    std::array<int, 3> stdio{-1, -1, -1};  ///< what the streams become; -1 leaves one alone
    bool error_to_output = false;
    std::vector<int> passed;  ///< further descriptors that it keeps
    bool new_group = false;
};

class launched {
public:
    pid_t pid = -1;
    descriptor process;  ///< its pidfd
};

/// Starts it, and returns when the program has been loaded. Throws `std::system_error`.
[[nodiscard]] launched launch(const launch_plan& plan);

}  // namespace amphi::detail
