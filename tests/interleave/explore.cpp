// SPDX-License-Identifier: BSL-1.0
#include "explore.hpp"

#include <amphi/base/environment.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace amphi::testing {

namespace {

namespace interleave = detail::interleave;

std::optional<std::uint64_t> number_from(const char* variable) {
    const char* const text = detail::environment(variable);
    if (text == nullptr) return std::nullopt;
    return std::stoull(text);
}

/// Both policies, each with and without a weak memory.
interleave::plan plan_of(std::uint64_t seed, std::size_t steps_expected, const fault& planted) {
    interleave::plan p;
    p.seed = seed;
    p.how =
        seed % 2 == 0 ? interleave::plan::policy::uniform : interleave::plan::policy::priorities;
    p.weak_memory = seed / 2 % 2 == 1;
    p.steps_expected = steps_expected;
    p.planted = planted;
    return p;
}

struct outcome {
    std::string failure;
    std::size_t steps;
};

/// A run and all that its threads use.
struct trial {
    trial(const interleave::plan& plan, const make_scenario& make) : simulation(plan) {
        make(made);
    }

    scenario made;
    interleave::simulation simulation;
};

// The threads of a run that has failed stay where they are, with all that they refer to.
void keep_for_ever(std::unique_ptr<trial> failed) {
    static auto& kept = *new std::vector<std::unique_ptr<trial>>;
    kept.push_back(std::move(failed));
}

outcome run_one(const interleave::plan& plan, const make_scenario& make) {
    auto here = std::make_unique<trial>(plan, make);
    outcome seen{here->simulation.run(here->made.bodies()), here->simulation.steps()};
    if (!seen.failure.empty()) {
        keep_for_ever(std::move(here));
        return seen;
    }
    try {
        here->made.end()();
    } catch (const std::exception& e) {
        seen.failure = e.what();
    }
    return seen;
}

std::optional<std::string>
first_failure(const fault& planted, const make_scenario& make, std::uint64_t seeds) {
    // How many steps a run takes, for the plans of the others: the same for every seed, so that
    // one seed alone is enough to have its run again.
    const outcome measured = run_one(plan_of(0, 1, {}), make);
    if (!measured.failure.empty()) return "seed 0: " + measured.failure;
    std::uint64_t first = 1;
    std::uint64_t end = number_from("AMPHI_SEEDS").value_or(seeds);
    if (const auto only = number_from("AMPHI_SEED")) {
        first = *only;
        end = first + 1;
    }
    for (std::uint64_t seed = first; seed < end; ++seed) {
        const outcome seen = run_one(plan_of(seed, measured.steps, planted), make);
        if (!seen.failure.empty()) return "seed " + std::to_string(seed) + ": " + seen.failure;
    }
    return std::nullopt;
}

}  // namespace

void explore(const make_scenario& make, std::uint64_t seeds) {
    if (const auto failure = first_failure({}, make, seeds))
        ADD_FAILURE() << "AMPHI_SEED, " << *failure;
}

std::optional<std::string>
explore_with(const fault& planted, const make_scenario& make, std::uint64_t seeds) {
    return first_failure(planted, make, seeds);
}

}  // namespace amphi::testing
