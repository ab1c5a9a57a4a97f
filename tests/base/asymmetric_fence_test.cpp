// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/asymmetric_fence.hpp>

#include "support/build.hpp"

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

constexpr int rounds = amphi::testing::sanitized ? 5'000 : 50'000;

/// Two threads meet, store a word each, fence, and look at the other's. How often neither has seen
/// the other.
template <class One, class Other>
int times_neither_saw(One one, Other other) {
    struct alignas(64) side {
        std::atomic<int> met{0};
        alignas(64) std::atomic<int> word{0};
        std::vector<int> seen = std::vector<int>(rounds + 1);
    };
    side sides[2];
    const auto play = [&sides](std::size_t self, auto fence) {
        side& mine = sides[self];
        side& theirs = sides[1 - self];
        for (int round = 1; round <= rounds; ++round) {
            mine.met.store(round);
            for (int spins = 0; theirs.met.load() < round; ++spins)
                if (spins > 1'000) std::this_thread::yield();  // The other has no CPU now.
            mine.word.store(round, std::memory_order_relaxed);
            fence();
            mine.seen[static_cast<std::size_t>(round)] =
                theirs.word.load(std::memory_order_relaxed);
        }
    };
    std::thread thread([&] { play(1, other); });
    play(0, one);
    thread.join();
    int neither = 0;
    for (std::size_t round = 1; round <= rounds; ++round)
        if (sides[0].seen[round] < static_cast<int>(round) &&
            sides[1].seen[round] < static_cast<int>(round))
            ++neither;
    return neither;
}

void no_fence() {
    asm volatile("" ::: "memory");
}

class asymmetric_fence : public ::testing::Test {
protected:
    void SetUp() override {
        prepare_asymmetric_fences();
        if (times_neither_saw(no_fence, no_fence) == 0)
            GTEST_SKIP() << "this machine, or what the build puts around each access, orders a "
                            "store before a later load without a fence";
    }
};

TEST_F(asymmetric_fence, a_light_and_a_heavy_one_let_one_side_see_the_other) {
    EXPECT_EQ(times_neither_saw(light_fence, heavy_fence), 0);
}

TEST_F(asymmetric_fence, where_the_kernel_has_none_both_are_full) {
    const bool asymmetric = fences_are_asymmetric;
    fences_are_asymmetric = false;
    EXPECT_EQ(times_neither_saw(light_fence, heavy_fence), 0);
    fences_are_asymmetric = asymmetric;
}

}  // namespace
}  // namespace amphi::detail
