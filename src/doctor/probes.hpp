// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <vector>

namespace amphi::doctor {

/// What the kernel answers when it is asked.
class probes {
public:
    bool ring_allowed = false;
    std::string ring_reason;                 ///< why not
    std::vector<std::string> ring_features;  ///< those that make a difference
    bool perf_allowed = false;               ///< to sample one's own programs
    std::string perf_reason;                 ///< why not
};

/// Makes an io_uring and a perf event, and closes them.
[[nodiscard]] probes probe();

}  // namespace amphi::doctor
