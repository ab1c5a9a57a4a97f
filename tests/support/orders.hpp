// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace amphi::testing {

/// What is hard for a sort of `count` elements, beside random ones: orders, and few different ones.
inline std::vector<std::vector<int>> hard_orders(std::size_t count) {
    std::vector<std::vector<int>> all(6, std::vector<int>(count));
    for (std::size_t i = 0; i < count; ++i) {
        const int number = static_cast<int>(i);
        const int size = static_cast<int>(count);
        all[0][i] = number;                                      // sorted
        all[1][i] = size - number;                               // reversed
        all[2][i] = 7;                                           // all equal
        all[3][i] = number < size / 2 ? number : size - number;  // up and down
        all[4][i] = number % 2;                                  // two
        all[5][i] = number % 17 == 0 ? size - number : number;   // nearly sorted
    }
    return all;
}

/// A stable sort of elements whose `place` tells how they stand. (clang warns of libstdc++'s own.)
template <class T, class Less>
void sort_by_place(std::vector<T>& all, Less less) {
    std::sort(all.begin(), all.end(), [less](const T& a, const T& b) {
        if (less(a, b)) return true;
        return !less(b, a) && a.place < b.place;
    });
}

/// Whether they have the same elements, in whatever order.
template <class T>
bool same_elements(std::vector<T> a, std::vector<T> b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return a == b;
}

}  // namespace amphi::testing
