// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/pool.hpp>

#include "support/seed.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace amphi::testing {

/// A test of an algorithm on a pool: with one thread, with two, with more than there are CPUs.
class each_pool : public ::testing::TestWithParam<std::size_t> {
protected:
    /// Small sizes, the edges of blocks, and some random ones up to `size_max`.
    std::vector<std::size_t> sizes(std::size_t size_max = 100'000) {
        std::vector<std::size_t> all{0, 1, 2, 3, 5, 31, 32, 33, 100, 1023};
        for (const std::size_t limit : {size_max / 100, size_max / 10, size_max})
            all.push_back(below(limit) + 1);
        return all;
    }
    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    }
    /// Numbers below `limit`: many equal ones where it is small.
    std::vector<int> numbers(std::size_t count, int limit = 1'000'000) {
        std::vector<int> all(count);
        for (int& each : all)
            each = static_cast<int>(below(static_cast<std::size_t>(limit)));
        return all;
    }

    seeded seed;
    std::mt19937_64 random{seed.seed()};
    compute_pool pool{compute_options{}.workers(GetParam())};
};

inline auto pool_sizes() {
    return ::testing::Values(1, 2, 7);
}

/// A number that knows where it stood, on cache lines of its own.
struct alignas(64) wide {
    int key = 0;
    std::size_t place = 0;

    friend bool operator<(const wide& a, const wide& b) { return a.key < b.key; }
    friend bool operator==(const wide&, const wide&) = default;
};

inline std::vector<wide> as_wide(const std::vector<int>& keys) {
    std::vector<wide> all(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i)
        all[i] = wide{keys[i], i};
    return all;
}

/// Long enough to lie on the heap.
inline std::vector<std::string> as_strings(const std::vector<int>& keys) {
    std::vector<std::string> all;
    for (const int key : keys)
        all.push_back("the number called " + std::to_string(key));
    return all;
}

}  // namespace amphi::testing
