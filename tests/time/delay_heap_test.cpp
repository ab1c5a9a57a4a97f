// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/time/delay_heap.hpp>

#include "support/seed.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

using heap = delay_heap<std::unique_ptr<std::uint64_t>>;

time_point at(std::uint64_t n) {
    return time_point(duration(static_cast<std::int64_t>(n)));
}

TEST(delay_heap, an_empty_one_is_never_due) {
    heap empty;
    EXPECT_EQ(empty.first_due(), never);
    EXPECT_EQ(empty.take_first(), std::nullopt);
}

TEST(delay_heap, a_key_does_not_name_what_has_its_slot_later) {
    heap items;
    const delay_key gone = items.insert(std::make_unique<std::uint64_t>(1), at(1));
    EXPECT_EQ(**items.remove(gone), 1U);
    const delay_key later = items.insert(std::make_unique<std::uint64_t>(2), at(1));
    EXPECT_FALSE(gone == later);
    EXPECT_EQ(items.remove(gone), std::nullopt);
    EXPECT_FALSE(items.reset(gone, at(2)));
    EXPECT_EQ(items.size(), 1U);
}

// Against a map from (time, number) to item.
TEST(delay_heap, does_what_a_sorted_map_does) {
    const testing::seeded seeded;
    std::mt19937_64 random(seeded.seed());
    using order = std::pair<time_point, std::uint64_t>;
    heap items;
    std::map<order, std::uint64_t> expected;
    std::vector<std::pair<delay_key, std::optional<order>>> keys;
    for (std::uint64_t number = 1; number <= 20'000; ++number) {
        const auto action = random() % 8;
        const time_point when = at(random() % 50);
        if (action < 4 || keys.empty()) {
            keys.emplace_back(
                items.insert(std::make_unique<std::uint64_t>(number), when), order(when, number)
            );
            expected.emplace(order(when, number), number);
        } else if (action < 6) {
            auto& [key, place] = keys[random() % keys.size()];
            EXPECT_EQ(items.reset(key, when), place.has_value());
            if (place) {
                const std::uint64_t moved = expected.extract(*place).mapped();
                place = order(when, place->second);
                expected.emplace(*place, moved);
            }
        } else if (action == 6) {
            auto& [key, place] = keys[random() % keys.size()];
            const auto removed = items.remove(key);
            EXPECT_EQ(removed.has_value(), place.has_value());
            if (place) {
                EXPECT_EQ(**removed, expected.extract(*place).mapped());
                place.reset();
            }
        } else if (!expected.empty()) {
            EXPECT_EQ(items.first_due(), expected.begin()->first.first);
            const order first = expected.begin()->first;
            EXPECT_EQ(**items.take_first(), expected.begin()->second);
            expected.erase(expected.begin());
            for (auto& [key, place] : keys)
                if (place == first) place.reset();
        }
        ASSERT_EQ(items.size(), expected.size());
    }
}

}  // namespace
}  // namespace amphi::detail
