// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/yield.hpp>
#include <amphi/task/task.hpp>

#include "support/build.hpp"
#include "support/counted.hpp"
#include "support/lives.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using amphi::testing::counted;

static_assert(!std::is_move_constructible_v<task<int>>);
static_assert(!std::is_copy_constructible_v<task<int>>);
static_assert(!std::is_move_assignable_v<task<int>>);
static_assert(!std::is_default_constructible_v<task<int>>);

class tasks : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, tasks, amphi::testing::all_lives(), amphi::testing::name_of_life);

task<int> twice(int n) {
    co_return 2 * n;
}

task<> nothing() {
    co_return;
}

task<std::unique_ptr<std::string>> owned(std::string text) {
    co_return std::make_unique<std::string>(std::move(text));
}

TEST_P(tasks, yield_their_values) {
    EXPECT_EQ(run(twice, 21), 42);
    EXPECT_EQ(*run(owned, "by value"), "by value");
    run(nothing);
}

TEST_P(tasks, start_when_they_are_awaited) {
    static int started = 0;
    started = 0;
    run([]() -> task<> {
        const auto child = []() -> task<> {
            ++started;
            co_return;
        };
        {
            [[maybe_unused]] const auto never_awaited = child();
        }
        EXPECT_EQ(started, 0);
        co_await child();
        EXPECT_EQ(started, 1);
    });
}

// Ten million on every build: symmetric transfer overflows the stack where it is no tail call.
TEST_P(tasks, are_awaited_in_a_long_loop_without_using_up_the_stack) {
    static constexpr int count = amphi::testing::sanitized ? 1'000'000 : 10'000'000;
    const long sum = run([]() -> task<long> {
        long total = 0;
        for (int i = 0; i < count; ++i) {
            const int value = co_await twice(1);
            total += value;
        }
        co_return total;
    });
    EXPECT_EQ(sum, 2L * count);
}

task<int> suspended(int n) {
    co_await yield();
    co_return n;
}

TEST_P(tasks, are_awaited_in_a_long_loop_when_they_suspend) {
    static constexpr int count = 100'000;
    const long sum = run([]() -> task<long> {
        long total = 0;
        for (int i = 0; i < count; ++i) {
            const int value = co_await suspended(1);
            total += value;
        }
        co_return total;
    });
    EXPECT_EQ(sum, count);
}

task<int> depth(int below) {
    if (below == 0) co_return 0;
    const int found = co_await depth(below - 1);
    co_return found + 1;
}

task<int> depth_to_a_suspension(int below) {
    if (below == 0) {
        co_await yield();
        co_return 0;
    }
    const int found = co_await depth_to_a_suspension(below - 1);
    co_return found + 1;
}

task<int> depth_to_a_throw(int below) {
    if (below == 0) throw std::out_of_range("the bottom");
    const int found = co_await depth_to_a_throw(below - 1);
    co_return found + 1;
}

// In-place awaits use the native stack; near its end the loop goes on from the bottom. On a plain
// thread a recursion overflows as that of functions does.
TEST_P(tasks, recurse_as_deep_as_memory_goes_on_async) {
    if (!suspends()) GTEST_SKIP() << "plain threads use their stack";
    constexpr int levels = amphi::testing::sanitized ? 100'000 : 1'000'000;
    EXPECT_EQ(run(depth, levels), levels);
    EXPECT_EQ(run(depth_to_a_suspension, levels), levels);
    EXPECT_THROW(run(depth_to_a_throw, levels), std::out_of_range);
}

TEST_P(tasks, pass_exceptions_through_all_levels) {
    EXPECT_THROW(run(depth_to_a_throw, 100), std::out_of_range);
    const std::string caught = run([]() -> task<std::string> {
        std::string message;
        try {
            const int unreached = co_await depth_to_a_throw(100);
            message = std::to_string(unreached);
        } catch (const std::out_of_range& error) {
            message = error.what();
        }
        const int after = co_await suspended(1);
        co_return message + std::to_string(after);
    });
    EXPECT_EQ(caught, "the bottom1");
}

// --- What dies when ---------------------------------------------------------------------------

std::vector<std::string>& events() {
    static std::vector<std::string> all;
    return all;
}

class noted {
public:
    explicit noted(const char* name) noexcept : name_(name) {}
    noted(noted&& other) noexcept : name_(std::exchange(other.name_, nullptr)) {}
    noted(const noted&) = delete;
    noted& operator=(const noted&) = delete;
    ~noted() {
        if (name_ != nullptr) events().emplace_back(name_);
    }

private:
    const char* name_;
};

task<int> with_local(noted parameter) {
    const noted keep = std::move(parameter);
    const noted local("local");
    co_await yield();
    co_return 1;
}

TEST_P(tasks, destroy_their_locals_before_the_awaiting_expression_goes_on) {
    events().clear();
    run([]() -> task<> {
        const int value = co_await with_local(noted("parameter"));
        events().push_back("after " + std::to_string(value));
    });
    EXPECT_EQ(events(), (std::vector<std::string>{"local", "parameter", "after 1"}));
}

task<counted> pass_on(counted value) {
    co_await yield();
    co_return value;
}

task<counted> chain(counted value) {
    const noted unused(nullptr);
    counted first = co_await pass_on(std::move(value));
    counted second = co_await pass_on(counted(first.value + 1));
    co_return second;
}

TEST_P(tasks, leave_no_value_alive) {
    EXPECT_EQ(run(chain, counted(1)).value, 2);
    EXPECT_EQ(counted::alive(), 0);
}

// Each copy and move on the way of arguments and results throws in turn.
TEST_P(tasks, leave_no_value_alive_when_a_move_throws) {
    int thrown = 0;
    for (int nth = 1; nth <= 20; ++nth) {
        counted argument(1);
        counted::throw_at_move(nth);
        try {
            EXPECT_EQ(run(chain, std::move(argument)).value, 2);
        } catch (const std::runtime_error& error) {
            ++thrown;
            EXPECT_STREQ(error.what(), "a move that throws");
        }
        counted::throw_at_move(0);
        ASSERT_EQ(counted::alive(), 1) << "the argument alone, after a throw in move " << nth;
    }
    EXPECT_GE(thrown, 5);
}

TEST_P(tasks, leave_no_value_alive_when_never_awaited) {
    run([]() -> task<> {
        {
            [[maybe_unused]] const auto dropped = pass_on(counted(1));
        }
        EXPECT_EQ(counted::alive(), 0);
        co_return;
    });
}

TEST_P(tasks, keep_reference_arguments_alive_for_the_await) {
    const auto length = [](const std::string& text) -> task<std::size_t> {
        co_await yield();
        co_return text.size();
    };
    const auto outer = [](decltype(length) f) -> task<std::size_t> {
        const std::size_t found = co_await f(std::string(100, 'x'));
        co_return found;
    };
    EXPECT_EQ(run(outer, length), 100U);
}

}  // namespace
