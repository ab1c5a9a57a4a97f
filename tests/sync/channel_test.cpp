// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/sync/channel.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/seed.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;
using namespace std::chrono_literals;

class channels : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, channels, all_lives(), name_of_life);

task<> send_numbers(sender<int> to, int first, int count) {
    for (int i = first; i < first + count; ++i) {
        const bool sent = co_await to.send(i);
        EXPECT_TRUE(sent);
    }
}
task<std::int64_t> sum_up(receiver<int> from) {
    std::int64_t sum = 0;
    while (auto item = co_await from.receive())
        sum += *item;
    co_return sum;
}

/// Three senders of 1 to 900, two receivers.
task<std::int64_t> through(sender<int> to, receiver<int> from) {
    std::int64_t sum = 0;
    co_await scope(
        [](task_scope& jobs, sender<int>& in, receiver<int>& out, std::int64_t& total) -> task<> {
            auto first = co_await jobs.spawn(sum_up, out);
            auto second = co_await jobs.spawn(sum_up, std::move(out));
            for (int i = 0; i < 3; ++i)
                co_await jobs.spawn(send_numbers, in, 300 * i + 1, 300);
            {
                const sender<int> last = std::move(in);
            }
            total = co_await first.join();
            total += co_await second.join();
        },
        to,
        from,
        sum
    );
    co_return sum;
}

TEST_P(channels, bring_every_value_to_one_receiver) {
    for (const std::size_t capacity : {std::size_t{1}, std::size_t{7}, std::size_t{1024}}) {
        auto [to, from] = channel<int>(capacity);
        EXPECT_EQ(run(through, std::move(to), std::move(from)), 900 * 901 / 2);
    }
    auto [to, from] = unbounded_channel<int>();
    EXPECT_EQ(run(through, std::move(to), std::move(from)), 900 * 901 / 2);
}

TEST_P(channels, keep_the_order_of_a_sender) {
    auto [to, from] = channel<int>(2);
    run(
        [](sender<int> in, receiver<int> out) -> task<> {
            co_await scope(
                [](task_scope& jobs, sender<int>& s, receiver<int>& r) -> task<> {
                    co_await jobs.spawn(send_numbers, std::move(s), 0, 200);
                    for (int expected = 0; expected < 200; ++expected) {
                        const std::optional<int> item = co_await r.receive();
                        EXPECT_EQ(item, expected);
                    }
                    const std::optional<int> end = co_await r.receive();
                    EXPECT_FALSE(end);
                },
                in,
                out
            );
        },
        std::move(to),
        std::move(from)
    );
}

TEST_P(channels, join_plain_threads_and_tasks) {
    auto [to, from] = channel<std::unique_ptr<int>>(1);
    std::thread foreign([in = std::move(to)]() mutable {
        for (int i = 0; i < 100; ++i)
            EXPECT_TRUE(amphi::wait(in.send(std::make_unique<int>(i))));
    });
    const int sum = run(
        [](receiver<std::unique_ptr<int>> out) -> task<int> {
            int total = 0;
            while (auto item = co_await out.receive())
                total += **item;
            co_return total;
        },
        std::move(from)
    );
    foreign.join();
    EXPECT_EQ(sum, 4950);
}

TEST_P(channels, that_are_closed_give_what_is_left_and_take_nothing) {
    auto [to, from] = channel<std::string>(4);
    run(
        [](sender<std::string> in, receiver<std::string> out) -> task<> {
            bool sent = co_await in.send("first");
            EXPECT_TRUE(sent);
            sent = co_await in.send("second");
            EXPECT_TRUE(sent);
            EXPECT_EQ(out.size(), 2U);
            out.close();
            EXPECT_TRUE(in.is_closed());
            auto refused = in.send("third");
            sent = co_await refused;
            EXPECT_FALSE(sent);
            EXPECT_EQ(refused.unsent(), "third");
            std::string kept = "fourth";
            EXPECT_FALSE(in.try_send(kept));
            EXPECT_EQ(kept, "fourth");
            auto item = co_await out.receive();
            EXPECT_EQ(item, "first");
            EXPECT_EQ(out.try_receive(), "second");
            item = co_await out.receive();
            EXPECT_FALSE(item);
        },
        std::move(to),
        std::move(from)
    );
}

task<bool> send_one(sender<int> to) {
    const bool sent = co_await to.send(1);
    co_return sent;
}

TEST_P(channels, end_the_waits_of_senders_when_the_last_receiver_goes) {
    auto [to, from] = channel<int>(1);
    run(
        [](sender<int> in, receiver<int> out) -> task<> {
            EXPECT_TRUE(in.try_send(0));
            co_await scope(
                [](task_scope& jobs, sender<int>& s, receiver<int>& r) -> task<> {
                    auto first = co_await jobs.spawn(send_one, s);
                    auto second = co_await jobs.spawn(send_one, s);
                    co_await sleep_for(5ms);
                    {
                        const receiver<int> last = std::move(r);
                    }
                    const bool one = co_await first.join();
                    const bool other = co_await second.join();
                    EXPECT_FALSE(one || other);
                },
                in,
                out
            );
            EXPECT_TRUE(in.is_closed());
        },
        std::move(to),
        std::move(from)
    );
}

TEST_P(channels, drop_what_is_left_with_the_last_receiver) {
    auto [to, from] = channel<std::shared_ptr<std::atomic<int>>>(4);
    auto item = std::make_shared<std::atomic<int>>(0);
    const std::weak_ptr<std::atomic<int>> left = item;
    EXPECT_TRUE(to.try_send(std::move(item)));
    {
        const auto last = std::move(from);
    }
    EXPECT_TRUE(left.expired());
}

task<> receive_one(receiver<int> from) {
    (void)co_await from.receive();
}
task<> send_another(sender<int> to) {
    (void)co_await to.send(2);
}

TEST_P(channels, lose_nothing_to_a_stop_or_a_deadline) {
    auto [to, from] = channel<int>(1);
    run(
        [](sender<int> in, receiver<int> out) -> task<> {
            co_await expect_stop_ends(receive_one, out);
            co_await expect_deadline_ends(receive_one, out);
            EXPECT_TRUE(in.try_send(1));
            co_await expect_stop_ends(send_another, in);
            co_await expect_deadline_ends(send_another, in);
            EXPECT_FALSE(in.try_send(3));
            EXPECT_EQ(out.try_receive(), 1);
            EXPECT_EQ(out.try_receive(), std::nullopt);
        },
        std::move(to),
        std::move(from)
    );
}

TEST_P(channels, that_lose_a_select_have_taken_and_given_nothing) {
    auto [to, from] = channel<std::string>(1);
    run(
        [](sender<std::string> in, receiver<std::string> out) -> task<> {
            auto receiving = out.receive();
            auto sleeping = sleep_for(1ms);
            const auto first = co_await select(receiving, sleeping);
            EXPECT_EQ(first.index(), 1U);
            EXPECT_TRUE(in.try_send("a"));
            auto sending = in.send("b");
            auto shortly = sleep_for(1ms);
            const auto second = co_await select(sending, shortly);
            EXPECT_EQ(second.index(), 1U);
            EXPECT_EQ(sending.unsent(), "b");
            auto both = out.receive();
            auto late = sleep_for(1h);
            auto third = co_await select(both, late);
            EXPECT_EQ(std::get<0>(third), "a");
        },
        std::move(to),
        std::move(from)
    );
}

task<> send_until_stopped(sender<int> to, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (int i = 0; i < 100; ++i) {
        auto sending = to.send(i);
        auto impatient = sleep_for(std::chrono::microseconds(random() % 40));
        const auto first = co_await select(sending, impatient);
        if (first.index() == 1) --i;  // Not sent: once more.
    }
}
task<int> receive_until_closed(receiver<int> from, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    int count = 0;
    for (;;) {
        auto receiving = from.receive();
        auto impatient = sleep_for(std::chrono::microseconds(random() % 40));
        auto first = co_await select(receiving, impatient);
        if (first.index() == 1) continue;
        if (!std::get<0>(first)) co_return count;
        ++count;
    }
}

// Values and impatience meet at any moment: each send that was not given up is received once.
TEST_P(channels, under_stress_lose_and_double_nothing) {
    const seeded by;
    auto [to, from] = channel<int>(2);
    const int count = run(
        [](sender<int> in, receiver<int> out, std::uint64_t seed) -> task<int> {
            int total = 0;
            co_await scope(
                [](task_scope& jobs, sender<int>& s, receiver<int>& r, std::uint64_t& n, int& sum
                ) -> task<> {
                    auto first = co_await jobs.spawn(receive_until_closed, r, n + 10);
                    auto second = co_await jobs.spawn(receive_until_closed, r, n + 11);
                    for (std::uint64_t i = 0; i < 3; ++i)
                        co_await jobs.spawn(send_until_stopped, s, n + i);
                    {
                        const sender<int> last = std::move(s);
                    }
                    sum = co_await first.join();
                    sum += co_await second.join();
                },
                in,
                out,
                seed,
                total
            );
            co_return total;
        },
        std::move(to),
        std::move(from),
        by.seed()
    );
    EXPECT_EQ(count, 300);
}

TEST(channel, of_no_capacity_is_refused) {
    std::string said;
    try {
        (void)channel<int>(0);
    } catch (const std::invalid_argument& error) {
        said = error.what();
    }
    EXPECT_EQ(said, "a channel's capacity is at least 1, not 0");
}

}  // namespace
}  // namespace amphi
