// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "rounds.hpp"

#include <string>

namespace amphi::compare {

/// A table and the verdict, for a terminal.
[[nodiscard]] std::string text_report(const result& made);
/// One object in one line: each run's figures, medians, ratios with their intervals, the verdict.
[[nodiscard]] std::string json_report(const result& made);
/// One page with nothing from outside.
[[nodiscard]] std::string html_report(const result& made);

}  // namespace amphi::compare
