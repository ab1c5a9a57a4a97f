// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/for_each_concurrent.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/lives.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::borrowed;

class concurrent_loops : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(
    lives, concurrent_loops, amphi::testing::all_lives(), amphi::testing::name_of_life
);

class counts {
public:
    std::atomic<int> sum = 0;
    std::atomic<int> running = 0;
    std::atomic<int> running_max = 0;

    void enter() {
        const int now = running.fetch_add(1) + 1;
        int before = running_max.load();
        while (before < now && !running_max.compare_exchange_weak(before, now)) {
        }
    }
    void leave() { running.fetch_sub(1); }
};

task<> adds(int value, borrowed<counts> to, int times) {
    to->enter();
    co_await yield();
    to->sum.fetch_add(value * times);
    to->leave();
}

TEST_P(concurrent_loops, run_a_task_for_each_element_within_their_limit) {
    run([]() -> task<> {
        counts seen;
        co_await for_each_concurrent(std::views::iota(1, 101), 7, adds, borrowed<counts>(seen), 2);
        EXPECT_EQ(seen.sum, 10100);
        EXPECT_LE(seen.running_max, 7);
        EXPECT_GE(seen.running_max, 1);
        const std::vector<int> none;
        co_await for_each_concurrent(none, 7, adds, borrowed<counts>(seen), 2);
        EXPECT_EQ(seen.sum, 10100);
        const std::vector<int> three{1, 2, 3};
        co_await for_each_concurrent(three, 0, adds, borrowed<counts>(seen), 1);
        EXPECT_EQ(seen.sum, 10106);
    });
}

task<> length_of(std::string text, borrowed<counts> to) {
    co_await yield();
    to->sum.fetch_add(static_cast<int>(text.size()));
}

TEST_P(concurrent_loops, leave_the_range_as_it_was) {
    run([]() -> task<> {
        counts seen;
        std::vector<std::string> words(2, "c");
        words.emplace_back("a word that is longer than what a string keeps in place");
        const std::vector<std::string> before = words;
        co_await for_each_concurrent(words, 2, length_of, borrowed<counts>(seen));
        EXPECT_EQ(words, before);
        EXPECT_EQ(seen.sum, 57);
    });
}

task<> fails_at_five(int value, borrowed<counts> to) {
    co_await yield();
    if (value == 5) throw std::runtime_error("five");
    to->sum.fetch_add(1);
}

TEST_P(concurrent_loops, take_no_further_element_after_a_failure) {
    run([]() -> task<> {
        counts seen;
        std::string what;
        try {
            co_await for_each_concurrent(
                std::views::iota(0, 1'000'000), 3, fails_at_five, borrowed<counts>(seen)
            );
        } catch (const std::runtime_error& error) {
            what = error.what();
        }
        EXPECT_EQ(what, "five");
        EXPECT_LT(seen.sum, 100'000);
    });
}

task<> for_ever(int, borrowed<counts> to) {
    to->sum.fetch_add(1);
    co_await sleep_until(never);
}

TEST_P(concurrent_loops, end_with_a_deadline) {
    run([]() -> task<> {
        counts seen;
        bool expired = false;
        try {
            co_await timeout(
                3ms,
                [](counts& c) -> task<> {
                    co_await for_each_concurrent(
                        std::views::iota(0, 100), 4, for_ever, borrowed<counts>(c)
                    );
                },
                seen
            );
        } catch (const timed_out&) {
            expired = true;
        }
        EXPECT_TRUE(expired);
        // The first that the deadline ends may make room for one more before the loop sees it.
        EXPECT_LE(seen.sum, 5);
    });
}

}  // namespace
