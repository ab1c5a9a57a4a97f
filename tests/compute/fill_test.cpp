// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/fill.hpp>

#include "support/compute_pools.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class fill_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, fill_on, testing::pool_sizes());

TEST_P(fill_on, assigns_the_value_to_each) {
    for (const std::size_t size : sizes()) {
        std::vector<int> all(size + 1, 1);
        pool.run([&] { parallel::fill(all.begin(), all.end() - 1, 5); });
        std::vector<int> expected(size, 5);
        expected.push_back(1);
        EXPECT_EQ(all, expected);
    }
}

TEST_P(fill_on, values_with_memory_of_their_own) {
    std::vector<std::string> all(3'000);
    const std::string value(100, 'x');
    pool.run([&] { parallel::fill(all, value, parallel::grain(10)); });
    EXPECT_EQ(all, std::vector<std::string>(3'000, value));
}

TEST_P(fill_on, generate_calls_once_for_each) {
    for (const std::size_t size : sizes(10'000)) {
        std::vector<std::unique_ptr<std::size_t>> all(size);
        std::atomic<std::size_t> next{0};
        pool.run([&] {
            parallel::generate(all, [&] { return std::make_unique<std::size_t>(next++); });
        });
        std::set<std::size_t> values;
        for (const auto& each : all)
            values.insert(*each);
        EXPECT_EQ(values.size(), size);
        EXPECT_EQ(next, size);
    }
}

TEST_P(fill_on, generate_throws_what_a_call_throws) {
    std::vector<int> all(500);
    std::atomic<int> calls{0};
    const auto fails = [&] {
        parallel::generate(all, [&] {
            if (++calls == 400) throw std::runtime_error("enough");
            return 1;
        });
    };
    EXPECT_THROW(pool.run(fails), std::runtime_error);
}

}  // namespace
}  // namespace amphi
