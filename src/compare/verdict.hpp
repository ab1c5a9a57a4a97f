// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "figures.hpp"
#include "statistics.hpp"

#include <array>
#include <string>
#include <vector>

namespace amphi::compare {

// Three figures may decide. Each must be surer than 95 %, so that the chance that any of them
// names a winner where there is none stays below 5 % together (Bonferroni).
inline constexpr std::array<figure, 3> deciding{figure::wall, figure::cpu, figure::memory};
inline constexpr double confidence_wanted = 1 - 0.05 / 3;
// What is surely different, but by less than this, is no reason to choose.
inline constexpr double noticeable = 1.05;

/// One figure of both sides.
class comparison {
public:
    figure what = figure::wall;
    std::vector<double> a;
    std::vector<double> b;
    interval ratio;  ///< of B to A, pair by pair

    /// -1: A needs less, 1: B does, 0: it is not sure, or too little to matter.
    [[nodiscard]] int winner() const noexcept;
};

/// All figures that both sides have. Both have as many runs.
[[nodiscard]] std::vector<comparison> compare(const side& a, const side& b);

/// One sentence, with the figure that decides. `difference` is what differs between their files,
/// empty when nothing does: then there is no winner.
[[nodiscard]] std::string verdict(const side& a, const side& b, const std::string& difference);

}  // namespace amphi::compare
