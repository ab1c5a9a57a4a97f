// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/asymmetric_fence.hpp>

#include "support/build.hpp"

#include <atomic>
#include <barrier>
#include <cstddef>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

constexpr int rounds = amphi::testing::sanitized ? 500 : 5'000;

/// Two threads store a word each, fence, and look at the other's. How often neither has seen the
/// other.
int times_neither_saw(const std::function<void()>& one, const std::function<void()>& other) {
    std::atomic<int> words[2] = {};
    int seen[2] = {};
    int neither = 0;
    std::barrier together(2);
    const auto play = [&](std::size_t self, const std::function<void()>& fence) {
        for (int round = 1; round <= rounds; ++round) {
            together.arrive_and_wait();
            words[self].store(round, std::memory_order_relaxed);
            fence();
            seen[self] = words[1 - self].load(std::memory_order_relaxed);
            together.arrive_and_wait();
            if (self == 0 && seen[0] != round && seen[1] != round) ++neither;
        }
    };
    std::thread thread([&] { play(1, other); });
    play(0, one);
    thread.join();
    return neither;
}

TEST(asymmetric_fence, a_light_and_a_heavy_one_let_one_side_see_the_other) {
    prepare_asymmetric_fences();
    EXPECT_EQ(times_neither_saw([] { light_fence(); }, [] { heavy_fence(); }), 0);
}

TEST(asymmetric_fence, where_the_kernel_has_none_both_are_full) {
    prepare_asymmetric_fences();
    const bool asymmetric = fences_are_asymmetric;
    fences_are_asymmetric = false;
    EXPECT_EQ(times_neither_saw([] { light_fence(); }, [] { heavy_fence(); }), 0);
    fences_are_asymmetric = asymmetric;
}

}  // namespace
}  // namespace amphi::detail
