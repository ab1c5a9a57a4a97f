// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/yield.hpp>
#include <amphi/task/result.hpp>

#include "support/counted.hpp"
#include "support/lives.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using amphi::testing::counted;

class results : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, results, amphi::testing::all_lives(), amphi::testing::name_of_life);

task<counted> give(counted value, bool fails) {
    co_await yield();
    if (fails) throw std::runtime_error("no value");
    co_return value;
}

task<> succeed() {
    co_await yield();
}

TEST_P(results, hold_the_value) {
    const int value = run([]() -> task<int> {
        auto outcome = co_await as_result(give(counted(7), false));
        EXPECT_TRUE(outcome.has_value());
        EXPECT_TRUE(outcome);
        EXPECT_EQ(outcome.error(), nullptr);
        co_return std::move(outcome).value().value;
    });
    EXPECT_EQ(value, 7);
    EXPECT_EQ(counted::alive(), 0);
}

TEST_P(results, hold_the_exception_so_that_the_task_may_await_on) {
    const std::string message = run([]() -> task<std::string> {
        auto outcome = co_await as_result(give(counted(7), true));
        EXPECT_FALSE(outcome);
        co_await yield();
        std::string text;
        try {
            (void)std::move(outcome).value();
        } catch (const std::runtime_error& error) {
            text = error.what();
        }
        co_return text;
    });
    EXPECT_EQ(message, "no value");
    EXPECT_EQ(counted::alive(), 0);
}

TEST_P(results, of_void_say_only_whether) {
    run([]() -> task<> {
        auto outcome = co_await as_result(succeed());
        EXPECT_TRUE(outcome);
        std::move(outcome).value();
    });
}

}  // namespace
