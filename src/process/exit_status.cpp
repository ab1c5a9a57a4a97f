// SPDX-License-Identifier: BSL-1.0
#include <amphi/process/exit_status.hpp>

#include <amphi/process/signals.hpp>

#include <optional>
#include <string>

namespace amphi {

std::string to_string(const exit_status& status) {
    if (const std::optional<int> code = status.code()) return "exit code " + std::to_string(*code);
    return signal_name(*status.signal()) + (status.core_dumped() ? " (core dumped)" : "");
}

}  // namespace amphi
