// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>
#include <vector>

// What each library does in its way. A program is called with what to do and how many threads, does
// it three times and prints the least time.

inline std::vector<double> doubles(std::size_t count) {
    std::vector<double> all(count);
    for (std::size_t i = 0; i < count; ++i)
        all[i] = static_cast<double>(i % 1'000);
    return all;
}

inline std::vector<std::uint64_t> keys(std::size_t count) {
    std::mt19937_64 random(1);
    std::vector<std::uint64_t> all(count);
    for (std::uint64_t& each : all)
        each = random();
    return all;
}

constexpr std::size_t sum_count = 100'000'000;
constexpr std::size_t map_count = 20'000'000;
constexpr std::size_t sort_count = 20'000'000;
constexpr std::uint64_t skynet_leaves = 1'000'000;
constexpr int queens = 12;
constexpr int queens_solutions = 14'200;

// Objects, not functions: a pointer to a function would be called anew for each element.
constexpr auto root = [](double each) { return std::sqrt(each); };

constexpr auto mixed = [](std::uint64_t each) {
    each = (each ^ (each >> 31)) * 0x9e37'79b9'7f4a'7c15U;
    each = (each ^ (each >> 29)) * 0xbf58'476d'1ce4'e5b9U;
    return each ^ (each >> 32);
};

/// Where queens stand in the first rows, each tried against all of them.
struct board {
    std::array<signed char, queens> columns = {};

    /// Where one may stand in the next row, as bits.
    [[nodiscard]] unsigned free(int row) const {
        unsigned squares = 0;
        for (int column = 0; column < queens; ++column)
            if (may_stand(row, column)) squares |= 1U << column;
        return squares;
    }
    [[nodiscard]] board with(int row, unsigned square) const {
        board next = *this;
        next.columns[static_cast<std::size_t>(row)] =
            static_cast<signed char>(std::countr_zero(square));
        return next;
    }

private:
    [[nodiscard]] bool may_stand(int row, int column) const {
        for (int above = 0; above < row; ++above) {
            const int away = columns[static_cast<std::size_t>(above)] - column;
            if (away == 0 || away == row - above || away == above - row) return false;
        }
        return true;
    }
};

/// f(): does it once and says whether that was right; `before` is not counted.
template <class Before, class F>
void measure(Before before, F f) {
    double least = 1e9;
    for (int i = 0; i < 3; ++i) {
        auto input = before();
        const auto begun = std::chrono::steady_clock::now();
        const bool right = f(input);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        if (!right) std::exit(3);
        if (took.count() < least) least = took.count();
    }
    std::printf("ms: %.3f\n", least * 1e3);
}

inline bool is_sorted(const std::vector<std::uint64_t>& all) {
    for (std::size_t i = 1; i < all.size(); ++i)
        if (all[i] < all[i - 1]) return false;
    return true;
}

/// `work` has sum, map, sort, skynet(first, leaves) and solutions(board, row).
template <class Work>
int run(std::string_view what, Work work) {
    const auto nothing = [] { return 0; };
    if (what == "sum") {
        const std::vector<double> all = doubles(sum_count);
        measure(nothing, [&](int) { return work.sum(all) > 1e9; });
    } else if (what == "map") {
        const std::vector<std::uint64_t> all = keys(map_count);
        measure(nothing, [&](int) { return work.map(all).back() == mixed(all.back()); });
    } else if (what == "sort") {
        const std::vector<std::uint64_t> all = keys(sort_count);
        // The check belongs to all of them alike.
        measure(
            [&] { return all; },
            [&](std::vector<std::uint64_t>& copy) {
                work.sort(copy);
                return is_sorted(copy);
            }
        );
    } else if (what == "skynet") {
        constexpr std::uint64_t sum = skynet_leaves * (skynet_leaves - 1) / 2;
        measure(nothing, [&](int) { return work.skynet(0, skynet_leaves) == sum; });
    } else if (what == "queens") {
        measure(nothing, [&](int) { return work.solutions({}, 0) == queens_solutions; });
    } else {
        return 2;
    }
    return 0;
}
