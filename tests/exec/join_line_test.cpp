// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/join_line.hpp>
#include <amphi/exec/join_set.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>

#include "support/lives.hpp"
#include "support/seed.hpp"

#include <chrono>
#include <cstdint>
#include <random>
#include <variant>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::seeded;

class join_lines : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(
    lives, join_lines, amphi::testing::all_lives(), amphi::testing::name_of_life
);

task<std::uint64_t> after_yields(std::uint64_t value, int yields) {
    for (int i = 0; i < yields; ++i)
        co_await yield();
    co_return value;
}

/// Spawns, takes and gives up waits at random; what was spawned and what was taken are equal.
task<> spawn_and_take(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uint64_t spawned = 0;
    std::uint64_t taken = 0;
    co_await scope(
        [](task_scope& jobs, auto& chance, std::uint64_t& in, std::uint64_t& out) -> task<> {
            join_set<std::uint64_t> set(jobs);
            for (int step = 0; step < 400; ++step) {
                if (chance() % 2 == 0) {
                    const std::uint64_t value = chance() % 1000;
                    in += value;
                    co_await set.spawn(after_yields, value, static_cast<int>(chance() % 4));
                } else if (!set.empty()) {
                    const auto first =
                        co_await select(set.join_next(), sleep_for(chance() % 3 == 0 ? 0ns : 1h));
                    if (first.index() == 0) out += std::get<0>(first).value();
                }
            }
            while (const auto next = co_await set.join_next())
                out += *next;
        },
        random,
        spawned,
        taken
    );
    EXPECT_EQ(spawned, taken);
}

TEST_P(join_lines, lose_and_double_nothing_under_stress) {
    const seeded with;
    for (std::uint64_t round = 0; round < 10; ++round)
        run(spawn_and_take, with.seed() + round);
}

}  // namespace
