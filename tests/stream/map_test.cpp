// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/executor.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/stream/map.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/stream_of.hpp>
#include <amphi/task/task.hpp>

#include "support/counted.hpp"
#include "support/lives.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using testing::counted;
using ::testing::ElementsAre;

class map_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, map_test, testing::all_lives(), testing::name_of_life);

std::string text_of(int n) {
    return std::to_string(n);
}

task<int> later(int n) {
    co_await yield();
    co_return n * 10;
}

TEST_P(map_test, calls_a_plain_function_for_each_item) {
    run([]() -> task<> {
        auto texts = stream_of({1, 2, 3}) | map(text_of);
        const std::vector<std::string> all = co_await collect(std::move(texts));
        EXPECT_THAT(all, ElementsAre("1", "2", "3"));
    });
}

TEST_P(map_test, awaits_a_coroutine_function_for_each_item) {
    run([]() -> task<> {
        auto products = stream_of({1, 2, 3}) | map(later) | map(text_of);
        const std::vector<std::string> all = co_await collect(std::move(products));
        EXPECT_THAT(all, ElementsAre("10", "20", "30"));
    });
}

struct pair_of {  // An aggregate, which g++ 12 destroys twice in some places.
    std::unique_ptr<int> first;
    counted second;
};

TEST_P(map_test, keeps_a_closure_and_what_it_captures) {
    run([]() -> task<> {
        {
            const auto offset = std::make_shared<counted>(5);
            const auto plus = [offset](int n) {
                return pair_of{std::make_unique<int>(n), counted(n + offset->value)};
            };
            auto pairs = stream_of({1, 2}) | map(plus);
            int sum = 0;
            while (std::optional<pair_of> pair = co_await pairs.next())
                sum += *pair->first + pair->second.value;
            EXPECT_EQ(sum, 16);
        }
        EXPECT_EQ(counted::alive(), 0);
    });
}

TEST_P(map_test, what_the_function_throws_ends_the_stream) {
    run([]() -> task<> {
        auto from = stream_of({1, 2, 3}) | map([](int n) {
                        if (n == 2) throw std::runtime_error("two");
                        return n;
                    });
        std::optional<int> n = co_await from.next();
        EXPECT_EQ(n, 1);
        bool failed = false;
        try {
            (void)co_await from.next();
        } catch (const std::runtime_error&) {
            failed = true;
        }
        EXPECT_TRUE(failed);
        n = co_await from.next();
        EXPECT_EQ(n, std::nullopt);
    });
}

}  // namespace
}  // namespace amphi
