// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/random.hpp>

#include <array>
#include <cstdint>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace {

using amphi::detail::random_number;

TEST(random_number, falls_into_every_sixteenth_about_equally_often) {
    constexpr int draws = 16000;
    std::array<int, 16> counts{};
    for (int i = 0; i < draws; ++i)
        ++counts[random_number() >> 28U];
    // 1,000 each, with a standard deviation of 31.
    for (const int count : counts) {
        EXPECT_GT(count, 700);
        EXPECT_LT(count, 1300);
    }
}

TEST(random_number, is_another_sequence_on_another_thread) {
    std::set<std::uint32_t> here;
    for (int i = 0; i < 100; ++i)
        here.insert(random_number());
    int met = 0;
    std::thread([&] {
        for (int i = 0; i < 100; ++i)
            met += here.contains(random_number()) ? 1 : 0;
    }).join();
    EXPECT_LT(met, 5);
}

}  // namespace
