// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/stream/map.hpp>
#include <amphi/stream/merge.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/stream_of.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/trace.hpp>

#include "support/cancel.hpp"
#include "support/counted.hpp"
#include "support/gate.hpp"
#include "support/lives.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using testing::counted;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using counted_pointer = std::unique_ptr<counted>;

class merge_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, merge_test, testing::all_lives(), testing::name_of_life);

task<> merges_three(task_scope& jobs) {
    auto one = stream_of({1, 2});
    auto two = stream_of({3});
    auto three = stream_of({4, 5});
    auto all = merge(jobs, std::move(one), std::move(two), std::move(three));
    const std::vector<int> items = co_await collect(std::move(all));
    EXPECT_THAT(items, UnorderedElementsAre(1, 2, 3, 4, 5));
}

TEST_P(merge_test, gives_the_items_of_all) {
    run([]() -> task<> { co_await scope(merges_three); });
}

TEST_P(merge_test, a_limit_of_the_scope_is_no_limit_of_the_sources) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            jobs.limit(1);
            co_await merges_three(jobs);
        });
    });
}

TEST_P(merge_test, of_nothing_ends_at_once) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            const auto items = co_await collect(merge(jobs, std::vector<stream<int>>()));
            EXPECT_THAT(items, IsEmpty());
        });
    });
}

stream<int> one_behind(testing::gate& shut, int n) {
    co_await shut.pass();
    co_yield n;
}

TEST_P(merge_test, what_comes_first_is_first) {
    run([]() -> task<> {
        testing::gate late;
        co_await scope(
            [](task_scope& jobs, testing::gate& shut) -> task<> {
                auto quick = stream_of({2});
                auto all = merge(jobs, one_behind(shut, 1), std::move(quick));
                std::optional<int> n = co_await all.next();
                EXPECT_EQ(n, 2);
                shut.open();
                n = co_await all.next();
                EXPECT_EQ(n, 1);
                n = co_await all.next();
                EXPECT_EQ(n, std::nullopt);
                co_await jobs.idle();  // Its tasks end with it.
            },
            late
        );
    });
}

stream<int> breaks() {
    co_await yield();
    co_yield 1;
    throw std::runtime_error("source broken");
}

TEST_P(merge_test, a_failure_is_the_streams_and_stops_the_others) {
    run([]() -> task<> {
        testing::gate never;
        co_await scope(
            [](task_scope& jobs, testing::gate& shut) -> task<> {
                auto all = merge(jobs, one_behind(shut, 2), breaks());
                std::optional<int> n = co_await all.next();
                EXPECT_EQ(n, 1);
                trace frames;
                try {
                    n = co_await all.next();
                } catch (const std::runtime_error&) {
                    frames = trace_of(std::current_exception());
                }
                EXPECT_FALSE(frames.empty());
                if (!frames.empty()) {
                    EXPECT_THAT(frames[0].function(), ::testing::HasSubstr("breaks"));
                }
                n = co_await all.next();
                EXPECT_EQ(n, std::nullopt);
            },
            never
        );
    });
}

stream<counted_pointer> endless() {
    for (int n = 0;; ++n)
        co_yield std::make_unique<counted>(n);
}
stream<counted_pointer> stuck(testing::gate& shut) {
    co_await shut.pass();
    co_yield std::make_unique<counted>(1);
}

TEST_P(merge_test, one_that_is_left_early_leaves_nothing_behind) {
    run([]() -> task<> {
        testing::gate never;
        co_await scope(
            [](task_scope& jobs, testing::gate& shut) -> task<> {
                auto all = merge(jobs, endless(), stuck(shut));
                for (int n = 0; n < 10; ++n)
                    (void)co_await all.next();
            },
            never
        );
        EXPECT_EQ(counted::alive(), 0);
    });
}

TEST_P(merge_test, one_that_was_never_asked_starts_nothing) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            const auto all = merge(jobs, endless(), endless());
            EXPECT_EQ(jobs.running(), 0U);
            co_return;
        });
    });
}

task<> waits_in_merge(testing::gate& shut) {
    co_await scope(
        [](task_scope& jobs, testing::gate& gate) -> task<> {
            auto all = merge(jobs, one_behind(gate, 1), one_behind(gate, 2));
            (void)co_await all.next();
        },
        shut
    );
}

TEST_P(merge_test, a_deadline_ends_the_wait) {
    run([]() -> task<> {
        testing::gate never;
        co_await testing::expect_deadline_ends(waits_in_merge, never);
    });
}

TEST_P(merge_test, a_stop_ends_the_wait) {
    run([]() -> task<> {
        co_await testing::expect_stop_ends([]() -> task<> {
            testing::gate never;
            co_await waits_in_merge(never);
        });
    });
}

task<> stopped_from_inside(task_scope& jobs, testing::gate& shut, std::optional<stream<int>>& all) {
    auto one = stream_of({1});
    all.emplace(merge(jobs, one_behind(shut, 2), std::move(one)));
    (void)co_await all->next();
    jobs.request_stop();
}

TEST_P(merge_test, a_stop_of_its_scope_is_no_end) {
    run([]() -> task<> {
        testing::gate never;
        std::optional<stream<int>> all;  // Asked from outside of the scope that it works in.
        co_await scope(stopped_from_inside, never, all);
        bool cancelled = false;
        try {
            (void)co_await all->next();
        } catch (const operation_cancelled&) {
            cancelled = true;
        }
        EXPECT_TRUE(cancelled);
    });
}

}  // namespace
}  // namespace amphi
