// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/sync/watch_channel.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;

class watch_channels : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, watch_channels, all_lives(), name_of_life);

task<int> follow(watch_receiver<int> of) {
    int last = *of.get();
    while (auto now = co_await of.changed()) {
        EXPECT_GT(*now, last);
        last = *now;
    }
    co_return last;
}

TEST_P(watch_channels, show_the_latest_value_to_all) {
    auto [to, from] = watch_channel(0);
    run(
        [](watch_sender<int> in, watch_receiver<int> out) -> task<> {
            co_await scope(
                [](task_scope& jobs, watch_sender<int>& s, watch_receiver<int>& r) -> task<> {
                    auto first = co_await jobs.spawn(follow, r);
                    auto second = co_await jobs.spawn(follow, s.subscribe());
                    for (int i = 1; i <= 500; ++i)
                        s.set(i);
                    {
                        const watch_sender<int> last = std::move(s);
                    }
                    const int one = co_await first.join();
                    const int other = co_await second.join();
                    EXPECT_EQ(one, 500);
                    EXPECT_EQ(other, 500);
                },
                in,
                out
            );
        },
        std::move(to),
        std::move(from)
    );
}

TEST_P(watch_channels, skip_what_was_replaced_and_keep_what_was_got) {
    auto [to, from] = watch_channel<std::string>("first");
    run(
        [](watch_sender<std::string> in, watch_receiver<std::string> out) -> task<> {
            EXPECT_FALSE(out.has_changed());
            const auto held = out.get();
            in.set("second");
            in.set("third");
            EXPECT_TRUE(out.has_changed());
            auto latest = co_await out.changed();
            EXPECT_EQ(*held, "first");
            EXPECT_EQ(*latest, "third");
            EXPECT_FALSE(out.has_changed());
            {
                const watch_sender<std::string> last = std::move(in);
            }
            latest = co_await out.changed();
            EXPECT_FALSE(latest);
            EXPECT_EQ(*out.get(), "third");
        },
        std::move(to),
        std::move(from)
    );
}

task<> wait_for_change(watch_receiver<int> of) {
    (void)co_await of.changed();
}

TEST_P(watch_channels, are_waited_for_until_a_stop_or_a_deadline) {
    auto [to, from] = watch_channel(0);
    run(
        [](watch_receiver<int> of) -> task<> {
            co_await expect_stop_ends(wait_for_change, of);
            co_await expect_deadline_ends(wait_for_change, of);
        },
        from
    );
    to.set(1);
    EXPECT_TRUE(from.has_changed());
}

}  // namespace
}  // namespace amphi
