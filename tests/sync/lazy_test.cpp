// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/sync/lazy.hpp>
#include <amphi/task/sendable.hpp>

#include "support/borrowed.hpp"
#include "support/lives.hpp"

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;

class lazies : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, lazies, all_lives(), name_of_life);

task<std::string> join(const std::string& first, const std::string& second) {
    co_await yield();
    co_return first + second;
}
task<> use(borrowed<lazy<std::string>> what, int number) {
    co_await what->make(join, "made by ", std::to_string(number));
    EXPECT_EQ((*what)->substr(0, 8), "made by ");
}

TEST_P(lazies, are_made_once_for_all) {
    lazy<std::string> text;
    EXPECT_FALSE(text);
    run(
        [](borrowed<lazy<std::string>> what) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<lazy<std::string>>& shared) -> task<> {
                    for (int i = 0; i < 8; ++i)
                        co_await jobs.spawn(use, shared, i);
                },
                what
            );
            const std::string before = **what;
            co_await use(what, 99);
            EXPECT_EQ(**what, before);
        },
        text
    );
    EXPECT_TRUE(text);
}

// Many may use it at a time: what does not synchronise itself must not be changed through it.
class counter_that_synchronises {};
}  // namespace
template <>
inline constexpr bool enable_shareable<counter_that_synchronises> = true;
namespace {
template <class Lazy>
using element = decltype(*std::declval<Lazy&>());
static_assert(std::is_same_v<element<lazy<int>>, const int&>);
static_assert(std::is_same_v<decltype(std::declval<lazy<int>&>().operator->()), const int*>);
static_assert(std::is_same_v<element<lazy<counter_that_synchronises>>, counter_that_synchronises&>);
static_assert(std::is_same_v<
              element<const lazy<counter_that_synchronises>>,
              const counter_that_synchronises&>);

TEST_P(lazies, take_what_can_only_be_moved) {
    run([]() -> task<> {
        lazy<std::unique_ptr<int>> boxed;
        co_await boxed.make(
            [](std::unique_ptr<int> from) -> task<std::unique_ptr<int>> { co_return from; },
            std::make_unique<int>(7)
        );
        EXPECT_EQ(**boxed, 7);
        EXPECT_EQ(*boxed->get(), 7);
    });
}

}  // namespace
}  // namespace amphi
