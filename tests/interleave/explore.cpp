// SPDX-License-Identifier: BSL-1.0
#include "explore.hpp"

#include <cstdint>
#include <cstdlib>
#include <exception>

#include <gtest/gtest.h>

namespace amphi::testing {

namespace {

namespace interleave = detail::interleave;

std::optional<std::uint64_t> number_from(const char* variable) {
    const char* const text = std::getenv(variable);
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

outcome run_one(const interleave::plan& plan, const make_scenario& make) {
    auto made = std::make_unique<scenario>();
    make(*made);
    auto simulation = std::make_unique<interleave::simulation>(plan);
    std::string failure = simulation->run(made->bodies());
    const std::size_t steps = simulation->steps();
    if (!failure.empty()) {
        // The threads stay where they are, with all that they refer to.
        (void)simulation.release();
        (void)made.release();
    } else {
        simulation.reset();
        try {
            made->end()();
        } catch (const std::exception& e) {
            failure = e.what();
        }
    }
    return {failure, steps};
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
