// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/stream_of.hpp>
#include <amphi/stream/throttle.hpp>
#include <amphi/task/task.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class throttle_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, throttle_test, testing::all_lives(), testing::name_of_life);

TEST_P(throttle_test, keeps_items_apart) {
    run([]() -> task<> {
        const time_point start = clock::now();
        auto slow = stream_of({1, 2, 3}) | throttle(5ms);
        const std::vector<int> all = co_await collect(std::move(slow));
        EXPECT_THAT(all, ElementsAre(1, 2, 3));
        EXPECT_GE(clock::now() - start, 10ms);
    });
}

TEST_P(throttle_test, of_nothing_waits_for_nothing) {
    run([]() -> task<> {
        auto same = stream_of({1, 2, 3}) | throttle(0s);
        const std::vector<int> all = co_await collect(std::move(same));
        EXPECT_THAT(all, ElementsAre(1, 2, 3));
    });
}

task<std::optional<int>> next_of(stream<int>& from) {
    const std::optional<int> n = co_await from.next();
    co_return n;
}

TEST_P(throttle_test, the_first_comes_at_once_and_a_deadline_ends_the_wait_for_the_next) {
    run([]() -> task<> {
        auto slow = stream_of({1, 2}) | throttle(std::chrono::hours::max());
        const std::optional<int> first = co_await slow.next();
        EXPECT_EQ(first, 1);
        co_await testing::expect_deadline_ends(next_of, slow);
    });
}

}  // namespace
}  // namespace amphi
