// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/executor.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/stream/filter.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/stream_of.hpp>
#include <amphi/task/task.hpp>

#include "support/lives.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using ::testing::ElementsAre;

class filter_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, filter_test, testing::all_lives(), testing::name_of_life);

task<bool> is_odd(const int& n) {
    co_await yield();
    co_return n % 2 != 0;
}

TEST_P(filter_test, passes_what_a_plain_function_wants) {
    run([]() -> task<> {
        auto large = stream_of({1, 2, 3, 4}) | filter([](int n) { return n > 2; });
        const std::vector<int> all = co_await collect(std::move(large));
        EXPECT_THAT(all, ElementsAre(3, 4));
    });
}

TEST_P(filter_test, passes_what_a_coroutine_function_wants) {
    run([]() -> task<> {
        auto odd = stream_of({1, 2, 3, 4}) | filter(is_odd);
        const std::vector<int> all = co_await collect(std::move(odd));
        EXPECT_THAT(all, ElementsAre(1, 3));
    });
}

TEST_P(filter_test, looks_at_items_that_cannot_be_copied) {
    run([]() -> task<> {
        std::vector<std::unique_ptr<int>> owned;
        owned.push_back(nullptr);
        owned.push_back(std::make_unique<int>(4));
        auto full = stream_of(std::move(owned)) |
                    filter([](const std::unique_ptr<int>& item) { return item != nullptr; });
        const std::optional<std::unique_ptr<int>> first = co_await full.next();
        EXPECT_EQ(**first, 4);
    });
}

}  // namespace
}  // namespace amphi
