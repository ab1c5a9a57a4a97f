// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/executor.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/take.hpp>
#include <amphi/task/task.hpp>

#include "support/counted.hpp"
#include "support/lives.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using testing::counted;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class take_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, take_test, testing::all_lives(), testing::name_of_life);

stream<int> counts(int& asked, int last) {
    const counted held;
    for (asked = 1; asked <= last; ++asked)
        co_yield asked;
}

TEST_P(take_test, asks_for_no_more_than_it_gives) {
    run([]() -> task<> {
        int asked = 0;
        auto two = counts(asked, 100) | take(2);
        std::optional<int> n = co_await two.next();
        n = co_await two.next();
        EXPECT_EQ(n, 2);
        n = co_await two.next();
        EXPECT_EQ(n, std::nullopt);
        EXPECT_EQ(asked, 2);
        EXPECT_EQ(counted::alive(), 0);  // The source has gone with the end.
    });
}

TEST_P(take_test, gives_all_when_there_are_fewer) {
    run([]() -> task<> {
        int asked = 0;
        const std::vector<int> all = co_await collect(counts(asked, 2) | take(5));
        EXPECT_THAT(all, ElementsAre(1, 2));
    });
}

TEST_P(take_test, none_asks_for_nothing) {
    run([]() -> task<> {
        int asked = 0;
        const std::vector<int> all = co_await collect(counts(asked, 2) | take(0));
        EXPECT_THAT(all, IsEmpty());
        EXPECT_EQ(asked, 0);
    });
}

}  // namespace
}  // namespace amphi
