// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/sync/broadcast.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;

class broadcasts : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, broadcasts, all_lives(), name_of_life);

task<int> sum_up(broadcast_receiver<int> from) {
    int sum = 0;
    while (auto item = co_await from.receive())
        sum += *item;
    co_return sum;
}

TEST_P(broadcasts, bring_every_value_to_every_receiver) {
    auto [to, from] = broadcast<int>(1000);
    run(
        [](broadcast_sender<int> in, broadcast_receiver<int> out) -> task<> {
            co_await scope(
                [](task_scope& jobs, broadcast_sender<int>& s, broadcast_receiver<int>& r
                ) -> task<> {
                    auto first = co_await jobs.spawn(sum_up, r);
                    auto second = co_await jobs.spawn(sum_up, s.subscribe());
                    for (int i = 1; i <= 1000; ++i)
                        EXPECT_EQ(s.send(i), 3U);
                    {
                        const broadcast_sender<int> last = std::move(s);
                    }
                    const int one = co_await first.join();
                    const int other = co_await second.join();
                    EXPECT_EQ(one, 500'500);
                    EXPECT_EQ(other, 500'500);
                },
                in,
                out
            );
        },
        std::move(to),
        std::move(from)
    );
}

TEST_P(broadcasts, tell_a_slow_receiver_how_much_it_missed) {
    auto [to, from] = broadcast<std::string>(2);
    run(
        [](broadcast_sender<std::string> in, broadcast_receiver<std::string> out) -> task<> {
            for (const char* const text : {"a", "b", "c", "d", "e"})
                in.send(text);
            std::uint64_t missed = 0;
            try {
                (void)co_await out.receive();
            } catch (const receiver_lagged& late) {
                missed = late.missed();
                EXPECT_NE(std::string(late.what()).find("missed 3 values"), std::string::npos);
            }
            EXPECT_EQ(missed, 3U);
            std::optional<std::string> item = co_await out.receive();
            EXPECT_EQ(item, "d");
            EXPECT_EQ(out.try_receive(), "e");
            EXPECT_EQ(out.try_receive(), std::nullopt);
            {
                const broadcast_sender<std::string> last = std::move(in);
            }
            item = co_await out.receive();
            EXPECT_FALSE(item);
        },
        std::move(to),
        std::move(from)
    );
}

task<> receive_one(broadcast_receiver<int> from) {
    (void)co_await from.receive();
}

TEST_P(broadcasts, are_waited_for_until_a_stop_or_a_deadline) {
    auto [to, from] = broadcast<int>(2);
    run(
        [](broadcast_receiver<int> out) -> task<> {
            co_await expect_stop_ends(receive_one, out);
            co_await expect_deadline_ends(receive_one, out);
        },
        from
    );
    EXPECT_EQ(to.send(7), 1U);
    EXPECT_EQ(from.try_receive(), 7);
}

TEST(broadcast, of_no_capacity_is_refused) {
    EXPECT_THROW((void)broadcast<int>(0), std::invalid_argument);
}

}  // namespace
}  // namespace amphi
