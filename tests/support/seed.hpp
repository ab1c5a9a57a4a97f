// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace amphi::testing {

/// A seed for a randomised test: a fresh one, or AMPHI_SEED to see the same again.
inline std::uint64_t fresh_seed() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment
    if (const char* const chosen = std::getenv("AMPHI_SEED"))
        return std::strtoull(chosen, nullptr, 10);
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
}

/// Says with each failure in its block how to see it again.
class seeded {
public:
    seeded() : trace_(__FILE__, __LINE__, "AMPHI_SEED=" + std::to_string(seed_)) {
        ::testing::Test::RecordProperty("AMPHI_SEED", std::to_string(seed_));
    }
    [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }

private:
    std::uint64_t seed_ = fresh_seed();
    ::testing::ScopedTrace trace_;
};

}  // namespace amphi::testing
