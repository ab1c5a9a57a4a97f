// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/copy_if.hpp>

#include "support/compute_pools.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class copy_if_on : public testing::each_pool {};
INSTANTIATE_TEST_SUITE_P(threads, copy_if_on, testing::pool_sizes());

TEST_P(copy_if_on, copies_in_order_and_asks_once_for_each) {
    for (const std::size_t size : sizes()) {
        for (const int border : {0, 30, 100}) {
            const std::vector<int> all = numbers(size, 100);
            const auto small = [border](int each) { return each < border; };
            std::vector<int> expected;
            std::copy_if(all.begin(), all.end(), std::back_inserter(expected), small);
            std::vector<int> to(size);
            std::vector<int> behind{-1};
            std::atomic<std::size_t> calls{0};
            pool.run([&] {
                const auto end = parallel::copy_if(all, to.begin(), [&](int each) {
                    ++calls;
                    return small(each);
                });
                to.erase(end, to.end());
                parallel::copy_if(all, behind, small);
            });
            EXPECT_EQ(calls, size);
            EXPECT_EQ(to, expected);
            expected.insert(expected.begin(), -1);
            EXPECT_EQ(behind, expected);
        }
    }
}

TEST_P(copy_if_on, strings_by_iterators) {
    const std::vector<std::string> all = testing::as_strings(numbers(5'000, 100));
    const auto f = [](const std::string& each) { return each.back() == '7'; };
    std::vector<std::string> expected;
    std::copy_if(all.begin(), all.end(), std::back_inserter(expected), f);
    std::vector<std::string> to(expected.size());
    const auto copied = [&] { return parallel::copy_if(all.begin(), all.end(), to.begin(), f); };
    EXPECT_EQ(pool.run(copied), to.end());
    EXPECT_EQ(to, expected);
}

TEST_P(copy_if_on, an_exception_leaves_a_vector_as_it_was) {
    const std::vector<std::string> all = testing::as_strings(numbers(2'000));
    std::vector<std::string> to{"first"};
    const auto f = [&](const std::string& each) {
        if (&each == &all[1'500]) throw std::runtime_error("1500");
        return true;
    };
    EXPECT_THROW(pool.run([&] { parallel::copy_if(all, to, f); }), std::runtime_error);
    EXPECT_EQ(to, std::vector<std::string>{"first"});
    std::vector<std::string> room(all.size());
    const auto fails = [&] { parallel::copy_if(all, room.begin(), f); };
    EXPECT_THROW(pool.run(fails), std::runtime_error);
}

}  // namespace
}  // namespace amphi
