// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/small_sort.hpp>

#include "support/orders.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

/// Its moves may throw, as far as the compiler knows.
struct unsure {
    int key = 0;
    unsure(int k) : key(k) {}
    unsure(const unsure&) = default;
    unsure(unsure&& from) noexcept(false) : key(std::exchange(from.key, -1)) {}
    unsure& operator=(const unsure&) = default;
    unsure& operator=(unsure&& from) noexcept(false) {
        key = std::exchange(from.key, -1);
        return *this;
    }
    ~unsure() = default;
};

TEST(small_sort, both_sort_all_orders) {
    const auto less = [](int a, int b) { return a < b; };
    for (std::size_t count = 0; count < 40; ++count) {
        for (const std::vector<int>& order : testing::hard_orders(count)) {
            std::vector<int> inserted = order;
            std::vector<int> heaped = order;
            detail::insertion_sort(inserted.begin(), inserted.end(), less);
            detail::heap_sort(heaped.begin(), heaped.end(), less);
            EXPECT_TRUE(std::is_sorted(inserted.begin(), inserted.end()));
            EXPECT_TRUE(testing::same_elements(inserted, order));
            EXPECT_EQ(inserted, heaped);
        }
    }
}

TEST(small_sort, insertion_is_stable) {
    std::vector<std::pair<int, int>> all{{2, 0}, {1, 1}, {2, 2}, {1, 3}, {0, 4}, {2, 5}};
    std::vector<std::pair<int, int>> expected = all;
    const auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
    std::sort(expected.begin(), expected.end());  // by where they stood, after the key
    detail::insertion_sort(all.begin(), all.end(), less);
    EXPECT_EQ(all, expected);
}

TEST(small_sort, elements_whose_moves_may_throw) {
    static_assert(!detail::moves_without_throwing<unsure>);
    std::vector<unsure> all{3, 1, 2, 5, 4};
    const auto less = [](const unsure& a, const unsure& b) { return a.key < b.key; };
    detail::insertion_sort(all.begin(), all.end(), less);
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_EQ(all[i].key, static_cast<int>(i) + 1);
}

TEST(small_sort, all_elements_are_there_when_the_comparison_throws) {
    for (int after = 1; after < 60; ++after) {
        std::vector<std::string> all;
        for (int i = 20; i > 0; --i)
            all.push_back("the number called " + std::to_string(i));
        std::vector<std::string> heaped = all;
        const std::vector<std::string> before = all;
        int comparisons = 0;
        const auto less = [&](const std::string& a, const std::string& b) {
            if (++comparisons == after) throw std::runtime_error("enough");
            return a < b;
        };
        EXPECT_THROW(detail::insertion_sort(all.begin(), all.end(), less), std::runtime_error);
        EXPECT_TRUE(testing::same_elements(all, before));
        comparisons = 0;
        EXPECT_THROW(detail::heap_sort(heaped.begin(), heaped.end(), less), std::runtime_error);
        EXPECT_TRUE(testing::same_elements(heaped, before));
    }
}

}  // namespace
}  // namespace amphi
