// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/trace.hpp>

#include "support/borrowed.hpp"
#include "support/lives.hpp"

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

namespace {

using namespace amphi;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class traces : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, traces, amphi::testing::all_lives(), amphi::testing::name_of_life);

task<> innermost() {
    co_await yield();
    throw std::runtime_error("broken");
}

task<int> middle(int n) {
    co_await innermost();
    co_return n;
}

task<> outermost() {
    const int unreached = co_await middle(1);
    (void)unreached;
}

std::vector<std::string> names(const trace& frames) {
    std::vector<std::string> all;
    for (const trace_entry& frame : frames)
        all.push_back(frame.function().substr(frame.function().rfind(':') + 1));
    return all;
}

template <class F>
trace trace_left_by(F&& f) {
    try {
        f();
    } catch (...) {
        return trace_of(std::current_exception());
    }
    return {};
}

TEST_P(traces, name_the_chain_of_awaits_innermost_first) {
    const trace frames = trace_left_by([this] { run(outermost); });
    EXPECT_THAT(names(frames), ElementsAre("innermost", "middle", "outermost"));
    EXPECT_STREQ(frames.front().file(), __FILE__);
    EXPECT_GT(frames[1].line(), frames[0].line());
    const std::string text = to_string(frames);
    EXPECT_THAT(text, HasSubstr("middle (" __FILE__ ":"));
}

TEST_P(traces, go_on_after_a_rethrow) {
    const trace frames = trace_left_by([this] {
        run([]() -> task<> {
            try {
                const int unreached = co_await middle(1);
                (void)unreached;
            } catch (const std::runtime_error&) {
                throw;
            }
        });
    });
    EXPECT_EQ(frames.size(), 3U);
}

TEST_P(traces, cross_to_the_joiner_of_a_scope) {
    const trace frames = trace_left_by([this] {
        run([]() -> task<> {
            co_await scope([](task_scope& jobs) -> task<> {
                (void)co_await jobs.spawn(outermost);
            });
        });
    });
    ASSERT_GE(frames.size(), 4U);
    EXPECT_EQ(names(frames)[0], "innermost");
    EXPECT_EQ(names(frames)[2], "outermost");
}

TEST(trace, is_empty_for_what_left_no_task) {
    EXPECT_TRUE(trace_of(nullptr).empty());
    EXPECT_TRUE(trace_of(std::make_exception_ptr(1)).empty());
    EXPECT_EQ(to_string(amphi::trace{}), "");
}

TEST(trace, belongs_to_the_last_exception_of_the_thread) {
    std::exception_ptr first;
    try {
        amphi::run(threads, outermost);
    } catch (...) {
        first = std::current_exception();
    }
    EXPECT_EQ(trace_of(first).size(), 3U);
    EXPECT_THROW(amphi::run(threads, outermost), std::runtime_error);
    EXPECT_TRUE(trace_of(first).empty());
}

/// What `outermost` left this thread with.
std::exception_ptr error_of_outermost() {
    try {
        amphi::run(threads, outermost);
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

TEST(take_trace, gives_the_trace_once) {
    const std::exception_ptr error = error_of_outermost();
    EXPECT_THAT(names(detail::take_trace(error)), ElementsAre("innermost", "middle", "outermost"));
    EXPECT_TRUE(detail::take_trace(error).empty());
    EXPECT_TRUE(trace_of(error).empty());
}

TEST(take_trace, leaves_the_trace_of_another_exception) {
    const std::exception_ptr error = error_of_outermost();
    EXPECT_TRUE(detail::take_trace(nullptr).empty());
    EXPECT_TRUE(detail::take_trace(std::make_exception_ptr(1)).empty());
    EXPECT_EQ(trace_of(error).size(), 3U);
}

class holds_something {
public:
    explicit holds_something(std::shared_ptr<int> what) noexcept : what_(std::move(what)) {}

private:
    std::shared_ptr<int> what_;
};

task<> fail_with_something(amphi::testing::borrowed<std::weak_ptr<int>> seen) {
    auto held = std::make_shared<int>(1);
    *seen = held;
    throw holds_something(std::move(held));
    co_return;
}

// A thread that has passed an exception on may rest for long: it must not keep it alive.
TEST(take_trace, lets_the_thread_forget_the_exception) {
    std::weak_ptr<int> seen;
    try {
        amphi::run(threads, fail_with_something, seen);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const holds_something&) {
        EXPECT_EQ(detail::take_trace(std::current_exception()).size(), 1U);
        EXPECT_FALSE(seen.expired());
    }
    EXPECT_TRUE(seen.expired());
}

task<> bottom_of(int levels) {
    if (levels == 0) throw std::runtime_error("deep");
    co_await bottom_of(levels - 1);
}

TEST(trace, is_cut_where_a_reader_stops) {
    const trace frames = trace_left_by([] { amphi::run(threads, bottom_of, 2'000); });
    EXPECT_GE(frames.size(), 100U);
    EXPECT_LT(frames.size(), 1'000U);
}

TEST(trace_death, is_printed_for_an_unhandled_exception) {
    EXPECT_DEATH(
        []() noexcept { amphi::run(threads, outermost); }(),
        "innermost .*trace_test.cpp:[0-9]+(.|\n)*middle .*trace_test.cpp(.|\n)*outermost"
    );
}

}  // namespace
