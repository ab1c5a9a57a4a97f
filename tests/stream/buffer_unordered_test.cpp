// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/executor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/stream/buffer_unordered.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/stream_of.hpp>
#include <amphi/task/task.hpp>

#include "support/cancel.hpp"
#include "support/counted.hpp"
#include "support/gate.hpp"
#include "support/lives.hpp"

#include <atomic>
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
using counted_pointer = std::unique_ptr<counted>;

class buffer_unordered_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, buffer_unordered_test, testing::all_lives(), testing::name_of_life);

/// How many of the tasks run now, and how many did at most.
std::atomic<int> running{0};
std::atomic<int> running_max{0};

task<std::string> text_of(int n) {
    const int now = running.fetch_add(1) + 1;
    int seen = running_max.load();
    while (seen < now && !running_max.compare_exchange_weak(seen, now)) {
    }
    for (int turn = 0; turn < 5; ++turn)
        co_await yield();
    running.fetch_sub(1);
    co_return std::to_string(n);
}

task<> texts_of_many(task_scope& jobs) {
    running_max = 0;
    std::vector<int> numbers;
    std::vector<std::string> expected;
    for (int n = 0; n < 50; ++n) {
        numbers.push_back(n);
        expected.push_back(std::to_string(n));
    }
    auto texts = stream_of(std::move(numbers)) | buffer_unordered(jobs, 4, text_of);
    const std::vector<std::string> all = co_await collect(std::move(texts));
    EXPECT_THAT(all, ::testing::UnorderedElementsAreArray(expected));
    EXPECT_LE(running_max.load(), 4);
    EXPECT_EQ(running.load(), 0);
    co_await jobs.idle();  // Its tasks end with it.
}

TEST_P(buffer_unordered_test, runs_at_most_so_many_at_a_time) {
    run([]() -> task<> { co_await scope(texts_of_many); });
}

TEST_P(buffer_unordered_test, a_limit_of_the_scope_is_no_limit_of_its_tasks) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            jobs.limit(1);
            co_await texts_of_many(jobs);
        });
    });
}

/// Opened by the test when the first item's task may end.
testing::gate* first_may_end = nullptr;

task<int> first_is_late(int n) {
    if (n == 1) co_await first_may_end->pass();
    co_return n;
}

TEST_P(buffer_unordered_test, a_result_waits_for_no_other) {
    testing::gate shut;
    first_may_end = &shut;
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            auto items = stream_of({1, 2, 3, 4}) | buffer_unordered(jobs, 2, first_is_late);
            for (int expected = 2; expected <= 4; ++expected) {
                const std::optional<int> n = co_await items.next();
                EXPECT_EQ(n, expected);
            }
            first_may_end->open();
            const std::vector<int> rest = co_await collect(std::move(items));
            EXPECT_THAT(rest, ElementsAre(1));
        });
    });
}

task<int> odd_alone(int n) {
    co_await yield();
    if (n % 2 == 0) throw std::runtime_error("even");
    co_return n;
}

TEST_P(buffer_unordered_test, a_failure_is_the_streams_and_not_the_scopes) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            auto odd = stream_of({1, 2, 3}) | buffer_unordered(jobs, 1, odd_alone);
            std::optional<int> n = co_await odd.next();
            EXPECT_EQ(n, 1);
            bool failed = false;
            try {
                n = co_await odd.next();
            } catch (const std::runtime_error&) {
                failed = true;
            }
            EXPECT_TRUE(failed);
            n = co_await odd.next();
            EXPECT_EQ(n, std::nullopt);
            co_await yield();  // Still not asked to stop.
        });
    });
}

stream<int> breaks_after(int count) {
    for (int n = 1; n <= count; ++n)
        co_yield n;
    co_await yield();
    throw std::runtime_error("source broken");
}

task<int> same(int n) {
    co_await yield();
    co_return n;
}

task<int> slowly_the_same(int n) {
    for (int turn = 0; turn < 20; ++turn)
        co_await yield();
    co_return n;
}

TEST_P(buffer_unordered_test, a_failure_of_the_source_comes_after_its_items) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            auto items = breaks_after(3) | buffer_unordered(jobs, 8, slowly_the_same);
            int sum = 0;
            for (int i = 0; i < 3; ++i) {
                const std::optional<int> n = co_await items.next();
                sum += n.value_or(100);
            }
            EXPECT_EQ(sum, 6);
            std::string what;
            try {
                (void)co_await items.next();
            } catch (const std::runtime_error& error) {
                what = error.what();
            }
            EXPECT_EQ(what, "source broken");
        });
    });
}

stream<counted_pointer> endless() {
    for (int n = 1;; ++n)
        co_yield std::make_unique<counted>(n);
}

testing::gate* never = nullptr;

task<counted_pointer> most_wait_for_ever(counted_pointer item) {
    if (item->value % 3 == 0) co_await never->pass();
    co_return item;
}

TEST_P(buffer_unordered_test, one_that_is_left_early_leaves_nothing_behind) {
    testing::gate shut;
    never = &shut;
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            auto some = endless() | buffer_unordered(jobs, 5, most_wait_for_ever);
            for (int n = 0; n < 2; ++n)
                (void)co_await some.next();
        });
    });
    EXPECT_EQ(counted::alive(), 0);
}

task<> waits_for_a_result() {
    co_await scope([](task_scope& jobs) -> task<> {
        auto items = stream_of({3}) | buffer_unordered(jobs, 2, [](int n) -> task<counted_pointer> {
                         counted_pointer made =
                             co_await most_wait_for_ever(std::make_unique<counted>(n));
                         co_return made;
                     });
        (void)co_await items.next();
    });
}

stream<int> waits_for_ever() {
    co_await never->pass();
    co_yield 1;
}

task<> waits_for_the_source() {
    co_await scope([](task_scope& jobs) -> task<> {
        auto items = waits_for_ever() | buffer_unordered(jobs, 2, same);
        (void)co_await items.next();
    });
}

TEST_P(buffer_unordered_test, a_deadline_ends_the_wait) {
    testing::gate shut;
    never = &shut;
    run([]() -> task<> {
        co_await testing::expect_deadline_ends(waits_for_a_result);
        co_await testing::expect_deadline_ends(waits_for_the_source);
    });
    EXPECT_EQ(counted::alive(), 0);
}

TEST_P(buffer_unordered_test, a_stop_ends_the_wait) {
    testing::gate shut;
    never = &shut;
    run([]() -> task<> {
        co_await testing::expect_stop_ends(waits_for_a_result);
        co_await testing::expect_stop_ends(waits_for_the_source);
    });
    EXPECT_EQ(counted::alive(), 0);
}

TEST(buffer_unordered, has_room_for_at_least_one) {
    amphi::run(threads, []() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            EXPECT_THROW((void)buffer_unordered(jobs, 0, same), std::invalid_argument);
            co_return;
        });
    });
}

}  // namespace
}  // namespace amphi
