// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/executor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/stream/chunks_timeout.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/stream_of.hpp>
#include <amphi/task/task.hpp>

#include "support/cancel.hpp"
#include "support/counted.hpp"
#include "support/gate.hpp"
#include "support/lives.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using testing::counted;
using ::testing::ElementsAre;
using ::testing::Optional;
using counted_pointer = std::unique_ptr<counted>;

class chunks_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, chunks_test, testing::all_lives(), testing::name_of_life);

TEST_P(chunks_test, are_full_but_for_the_last) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            auto from = stream_of({1, 2, 3, 4, 5});
            auto chunks = std::move(from) | chunks_timeout(jobs, 2, std::chrono::hours::max());
            const auto all = co_await collect(std::move(chunks));
            EXPECT_THAT(all, ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4), ElementsAre(5)));
            co_await jobs.idle();  // Its task ends with it.
        });
    });
}

stream<int> one_then_more(testing::gate& shut) {
    co_yield 1;
    co_await shut.pass();
    co_yield 2;
    co_yield 3;
}

TEST_P(chunks_test, one_comes_when_its_first_item_has_waited_and_the_source_is_not_cut_short) {
    run([]() -> task<> {
        testing::gate later;
        co_await scope(
            [](task_scope& jobs, testing::gate& shut) -> task<> {
                auto chunks = one_then_more(shut) | chunks_timeout(jobs, 2, 2ms);
                std::optional<std::vector<int>> chunk = co_await chunks.next();
                EXPECT_THAT(chunk, Optional(ElementsAre(1)));
                shut.open();
                const auto rest = co_await collect(std::move(chunks));
                std::vector<int> items;
                for (const auto& part : rest)
                    items.insert(items.end(), part.begin(), part.end());
                EXPECT_THAT(items, ElementsAre(2, 3));
            },
            later
        );
    });
}

stream<int> breaks_after_one() {
    co_yield 1;
    co_await yield();
    throw std::runtime_error("source broken");
}

TEST_P(chunks_test, a_failure_comes_after_what_came_before_it) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            auto chunks = breaks_after_one() | chunks_timeout(jobs, 10, 1h);
            const std::optional<std::vector<int>> chunk = co_await chunks.next();
            EXPECT_THAT(chunk, Optional(ElementsAre(1)));
            bool failed = false;
            try {
                (void)co_await chunks.next();
            } catch (const std::runtime_error&) {
                failed = true;
            }
            EXPECT_TRUE(failed);
        });
    });
}

stream<counted_pointer> endless() {
    for (int n = 0;; ++n)
        co_yield std::make_unique<counted>(n);
}

TEST_P(chunks_test, left_early_they_leave_nothing_behind) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            auto chunks = endless() | chunks_timeout(jobs, 3, 1h);
            const auto chunk = co_await chunks.next();
            EXPECT_EQ(chunk->size(), 3U);
        });
    });
    EXPECT_EQ(counted::alive(), 0);
}

task<> waits_for_the_first(testing::gate& shut) {
    co_await scope(
        [](task_scope& jobs, testing::gate& gate) -> task<> {
            auto chunks = one_then_more(gate) | chunks_timeout(jobs, 1, 1h);
            (void)co_await chunks.next();
            (void)co_await chunks.next();
        },
        shut
    );
}

task<> waits_for_the_second(testing::gate& shut) {
    co_await scope(
        [](task_scope& jobs, testing::gate& gate) -> task<> {
            auto chunks = one_then_more(gate) | chunks_timeout(jobs, 2, 1h);
            (void)co_await chunks.next();
        },
        shut
    );
}

TEST_P(chunks_test, a_deadline_ends_the_wait) {
    run([]() -> task<> {
        testing::gate never;
        co_await testing::expect_deadline_ends(waits_for_the_first, never);
        co_await testing::expect_deadline_ends(waits_for_the_second, never);
    });
}

TEST(chunks, have_room_for_at_least_one) {
    amphi::run(threads, []() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            EXPECT_THROW((void)chunks_timeout(jobs, 0, 1s), std::invalid_argument);
            co_return;
        });
    });
}

}  // namespace
}  // namespace amphi
