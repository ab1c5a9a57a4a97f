// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "base/interleave_simulation.hpp"  // IWYU pragma: export

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace amphi::testing {

using detail::interleave::check;
using detail::interleave::fault;

/// What one run does: bodies for a few threads, and what must hold when all have ended. State lives
/// in what the closures own, and is made anew for each run.
class scenario {
public:
    void thread(std::function<void()> body) { bodies_.push_back(std::move(body)); }
    void at_end(std::function<void()> body) { at_end_ = std::move(body); }

    [[nodiscard]] const std::vector<std::function<void()>>& bodies() const { return bodies_; }
    [[nodiscard]] const std::function<void()>& end() const { return at_end_; }

private:
    std::vector<std::function<void()>> bodies_;
    std::function<void()> at_end_ = [] {};
};

using make_scenario = std::function<void(scenario&)>;

inline constexpr std::uint64_t seeds_default = 2000;

/// Runs the scenario under many seeds, and fails the test with the first that goes wrong.
/// AMPHI_SEEDS says how many instead, AMPHI_SEED runs that one alone.
void explore(const make_scenario& make, std::uint64_t seeds = seeds_default);

/// What a planted bug leads to; nothing when it was not found within the seeds.
[[nodiscard]] std::optional<std::string>
explore_with(const fault& planted, const make_scenario& make, std::uint64_t seeds = seeds_default);

}  // namespace amphi::testing
