// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/executor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/io/lines.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/stream_of.hpp>
#include <amphi/sync/channel.hpp>
#include <amphi/task/task.hpp>

#include "support/lives.hpp"
#include "support/memory_stream.hpp"

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class stream_of_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, stream_of_test, testing::all_lives(), testing::name_of_life);

TEST_P(stream_of_test, a_list) {
    run([]() -> task<> {
        auto from = stream_of({1, 2, 3});
        const std::vector<int> all = co_await collect(std::move(from));
        EXPECT_THAT(all, ElementsAre(1, 2, 3));
    });
}

TEST_P(stream_of_test, a_container_gives_up_its_elements) {
    run([]() -> task<> {
        std::vector<std::unique_ptr<int>> owned;
        owned.push_back(std::make_unique<int>(1));
        const auto all = co_await collect(stream_of(std::move(owned)));
        EXPECT_EQ(all.size(), 1U);
        EXPECT_EQ(*all.at(0), 1);
    });
}

TEST_P(stream_of_test, a_view_keeps_its_elements) {
    run([]() -> task<> {
        std::vector<std::string> kept{"one", "two"};
        const auto all = co_await collect(stream_of(std::span(kept)));
        EXPECT_THAT(all, ElementsAre("one", "two"));
        EXPECT_THAT(kept, ElementsAre("one", "two"));
    });
}

TEST_P(stream_of_test, bits_are_bools) {
    run([]() -> task<> {
        std::vector<bool> bits{true, false};
        const std::vector<bool> all = co_await collect(stream_of(std::move(bits)));
        EXPECT_THAT(all, ElementsAre(true, false));
    });
}

TEST_P(stream_of_test, an_empty_range_has_nothing) {
    run([]() -> task<> {
        const std::vector<int> all = co_await collect(stream_of(std::vector<int>()));
        EXPECT_THAT(all, IsEmpty());
    });
}

TEST_P(stream_of_test, a_reader) {
    run([]() -> task<> {
        testing::memory_stream from("one\ntwo\n");
        const std::vector<std::string> all = co_await collect(stream_of(lines(from)));
        EXPECT_THAT(all, ElementsAre("one", "two"));
    });
}

TEST_P(stream_of_test, a_channel_until_it_is_closed) {
    run([]() -> task<> {
        auto [to, from] = channel<int>(2);
        EXPECT_TRUE(to.try_send(1));
        EXPECT_TRUE(to.try_send(2));
        to.close();
        const std::vector<int> all = co_await collect(stream_of(std::move(from)));
        EXPECT_THAT(all, ElementsAre(1, 2));
    });
}

}  // namespace
}  // namespace amphi
