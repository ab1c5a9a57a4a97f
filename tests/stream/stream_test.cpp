// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/trace.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/counted.hpp"
#include "support/gate.hpp"
#include "support/lives.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using testing::counted;
using ::testing::ElementsAre;

static_assert(!std::is_copy_constructible_v<stream<int>>);
static_assert(std::is_nothrow_move_constructible_v<stream<int>>);
static_assert(std::is_nothrow_move_assignable_v<stream<int>>);
static_assert(!sendable<stream<int>>);
static_assert(!std::is_aggregate_v<detail::next_item<int>>);

class stream_in : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, stream_in, testing::all_lives(), testing::name_of_life);

stream<int> numbers(int last) {
    for (int n = 1; n <= last; ++n)
        co_yield n;
}

/// Suspends before each item, on async.
stream<int> late_numbers(int last) {
    for (int n = 1; n <= last; ++n) {
        co_await yield();
        co_yield n;
    }
}

task<> pulls_in_a_loop() {
    for (int round = 0; round < 2; ++round) {
        auto from = round == 0 ? numbers(4) : late_numbers(4);
        int sum = 0;
        while (auto n = co_await from.next())
            sum = sum * 10 + *n;
        EXPECT_EQ(sum, 1234);
    }
}

TEST_P(stream_in, gives_what_its_body_yields_in_order) {
    run(pulls_in_a_loop);
}

task<> asks_after_the_end() {
    auto from = numbers(1);
    const std::optional<int> first = co_await from.next();
    EXPECT_EQ(first, 1);
    for (int again = 0; again < 3; ++again) {
        const std::optional<int> none = co_await from.next();
        EXPECT_EQ(none, std::nullopt);
    }
}

TEST_P(stream_in, gives_nothing_after_its_end) {
    run(asks_after_the_end);
}

stream<std::unique_ptr<std::string>> words(std::vector<std::string> all) {
    for (std::string& word : all)
        co_yield std::make_unique<std::string>(std::move(word));
}

TEST_P(stream_in, items_may_be_movable_alone) {
    run([]() -> task<> {
        auto from = words({"one", "two"});
        std::string joined;
        while (auto word = co_await from.next())
            joined += **word;
        EXPECT_EQ(joined, "onetwo");
    });
}

stream<std::string> texts() {
    co_yield "a";
    co_yield std::string(3, 'b');
    const std::string kept = "c";
    co_yield kept;
}

TEST_P(stream_in, an_item_is_made_from_what_is_yielded) {
    run([]() -> task<> {
        const std::vector<std::string> all = co_await collect(texts());
        EXPECT_THAT(all, ElementsAre("a", "bbb", "c"));
    });
}

stream<int> fails_after(int count) {
    for (int n = 0; n < count; ++n)
        co_yield n;
    co_await yield();
    throw std::runtime_error("source broken");
}

task<> sees_the_failure() {
    auto from = fails_after(1);
    const std::optional<int> first = co_await from.next();
    EXPECT_EQ(first, 0);
    std::string what;
    trace frames;
    try {
        (void)co_await from.next();
    } catch (const std::runtime_error& error) {
        what = error.what();
        frames = trace_of(std::current_exception());
    }
    EXPECT_EQ(what, "source broken");
    EXPECT_EQ(frames.size(), 1U);
    if (!frames.empty()) {
        EXPECT_THAT(frames[0].function(), ::testing::HasSubstr("fails_after"));
    }
    const std::optional<int> none = co_await from.next();
    EXPECT_EQ(none, std::nullopt);
}

TEST_P(stream_in, throws_what_leaves_its_body_once) {
    run(sees_the_failure);
}

task<> lets_a_failure_pass() {
    auto from = fails_after(0);
    (void)co_await from.next();
}

TEST_P(stream_in, a_trace_goes_on_through_next) {
    trace frames;
    try {
        run(lets_a_failure_pass);
    } catch (const std::runtime_error&) {
        frames = trace_of(std::current_exception());
    }
    EXPECT_EQ(frames.size(), 2U);
    if (frames.size() == 2) {
        EXPECT_THAT(frames[1].function(), ::testing::HasSubstr("lets_a_failure_pass"));
    }
}

stream<counted> counted_items(int last, counted parameter) {
    const counted local(7);
    for (int n = 1; n <= last; ++n) {
        const counted inner(n);
        co_await yield();
        co_yield counted(n);
    }
    EXPECT_EQ(parameter.value, 9);
}

task<> leaves_early() {
    {
        const auto never_asked = counted_items(3, counted(9));
        EXPECT_EQ(counted::alive(), 1);
    }
    EXPECT_EQ(counted::alive(), 0);
    {
        auto from = counted_items(3, counted(9));
        const std::optional<counted> first = co_await from.next();
        EXPECT_EQ(first->value, 1);
        // The parameter, local and inner; what was yielded, at its end in its turn; the item here.
        EXPECT_EQ(counted::alive(), 5);
    }
    EXPECT_EQ(counted::alive(), 0);
}

TEST_P(stream_in, one_that_is_destroyed_leaves_its_body_as_a_return_would) {
    run(leaves_early);
}

task<> runs_to_the_end() {
    auto from = counted_items(3, counted(9));
    while (auto item = co_await from.next())
        EXPECT_GT(item->value, 0);
    EXPECT_EQ(counted::alive(), 0);
}

TEST_P(stream_in, one_that_has_ended_holds_nothing) {
    run(runs_to_the_end);
}

stream<int> catches_what_is_thrown_at_a_yield() {
    struct refused {
        refused() { throw std::runtime_error("refused"); }
        operator int() const { return 0; }
    };
    int caught = 0;
    try {
        co_yield refused();
    } catch (const std::runtime_error&) {
        caught = 1;
    }
    co_yield caught;
}

TEST_P(stream_in, an_item_that_cannot_be_made_is_the_bodys_own_failure) {
    run([]() -> task<> {
        auto from = catches_what_is_thrown_at_a_yield();
        const std::optional<int> item = co_await from.next();
        EXPECT_EQ(item, 1);
    });
}

task<> moves_it() {
    auto from = late_numbers(4);
    std::optional<int> n = co_await from.next();
    EXPECT_EQ(n, 1);
    stream<int> to = std::move(from);
    n = co_await to.next();
    EXPECT_EQ(n, 2);
    to = numbers(7);
    n = co_await to.next();
    EXPECT_EQ(n, 1);
    n = co_await from.next();  // NOLINT(bugprone-use-after-move): what is left is told
    EXPECT_EQ(n, std::nullopt);
}

TEST_P(stream_in, may_be_moved_between_two_items) {
    run(moves_it);
}

stream<int> waits_after_one(testing::gate& shut) {
    co_yield 1;
    co_await shut.pass();
    co_yield 2;
}

task<std::optional<int>> next_of(stream<int>& from) {
    const std::optional<int> n = co_await from.next();
    co_return n;
}

task<> deadline_in_next() {
    testing::gate shut;
    auto from = waits_after_one(shut);
    std::optional<int> n = co_await timeout(1h, next_of, from);  // A context that is gone later.
    EXPECT_EQ(n, 1);
    bool ended = false;
    try {
        n = co_await timeout(2ms, next_of, from);
    } catch (const timed_out&) {
        ended = true;
    }
    EXPECT_TRUE(ended);
    n = co_await from.next();
    EXPECT_EQ(n, std::nullopt);
}

TEST_P(stream_in, a_deadline_around_next_ends_the_body) {
    run(deadline_in_next);
}

task<> stop_in_next() {
    testing::gate shut;
    bool ended = false;
    co_await scope(
        [](task_scope& jobs, testing::gate& gate, bool& stopped) -> task<> {
            auto from = waits_after_one(gate);
            std::optional<int> n = co_await from.next();
            EXPECT_EQ(n, 1);
            jobs.request_stop();
            try {
                n = co_await from.next();
            } catch (const operation_cancelled&) {
                stopped = true;
            }
        },
        shut,
        ended
    );
    EXPECT_TRUE(ended);
}

TEST_P(stream_in, a_stop_ends_the_body) {
    run(stop_in_next);
}

stream<int> gives_up_on_its_own(testing::gate& shut) {
    bool gave_up = false;
    try {
        co_await timeout(1ms, [](testing::gate& gate) -> task<> { co_await gate.pass(); }, shut);
    } catch (const timed_out&) {
        gave_up = true;
    }
    co_yield gave_up ? 1 : 0;
}

TEST_P(stream_in, a_body_may_have_deadlines_of_its_own) {
    run([]() -> task<> {
        testing::gate shut;
        auto from = gives_up_on_its_own(shut);
        const std::optional<int> n = co_await from.next();
        EXPECT_EQ(n, 1);
    });
}

stream<std::uint64_t> names_its_task() {
    for (;;) {
        co_await yield();
        co_yield this_task::id();
    }
}

task<> asks_once(stream<std::uint64_t>* from) {
    const std::optional<std::uint64_t> id = co_await from->next();
    EXPECT_EQ(id, this_task::id());
}

}  // namespace
}  // namespace amphi

template <>
inline constexpr bool amphi::enable_sendable<amphi::stream<std::uint64_t>*> = true;

namespace amphi {
namespace {

TEST_P(stream_in, runs_in_the_task_that_asks) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            auto from = names_its_task();
            for (int round = 0; round < 20; ++round) {
                auto asked = co_await jobs.spawn(asks_once, &from);
                co_await asked.join();
                co_await asks_once(&from);
            }
        });
    });
}

TEST_P(stream_in, can_be_asked_by_tasks_of_both_lives_in_turn) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            auto from = names_its_task();
            for (int round = 0; round < 20; ++round) {
                auto there = co_await jobs.spawn_on(threads, asks_once, &from);
                co_await there.join();
                auto here = co_await jobs.spawn(asks_once, &from);
                co_await here.join();
            }
        });
    });
}

stream<int> asks_itself(stream<int>& self) {
    bool refused = false;
    try {
        (void)co_await self.next();
    } catch (const std::logic_error&) {
        refused = true;
    }
    co_yield refused ? 1 : 0;
}

TEST_P(stream_in, two_waits_at_once_are_refused) {
    run([]() -> task<> {
        auto from = numbers(0);
        from = asks_itself(from);
        const std::optional<int> n = co_await from.next();
        EXPECT_EQ(n, 1);
    });
}

stream<int> nested(int depth) {
    if (depth == 0) {
        co_await yield();
        co_yield 1;
        co_return;
    }
    auto inner = nested(depth - 1);
    while (auto n = co_await inner.next())
        co_yield *n;
}

TEST_P(stream_in, streams_may_nest_deeply) {
    run([]() -> task<> {
        const std::vector<int> all = co_await collect(nested(1000));
        EXPECT_THAT(all, ElementsAre(1));
    });
}

TEST_P(stream_in, many_items_take_no_native_stack) {
    run([]() -> task<> {
        auto from = numbers(300'000);
        long sum = 0;
        while (auto n = co_await from.next())
            sum += *n;
        EXPECT_EQ(sum, 45'000'150'000);
    });
}

}  // namespace
}  // namespace amphi
