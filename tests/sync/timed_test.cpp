// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/sync/broadcast.hpp>
#include <amphi/sync/channel.hpp>
#include <amphi/sync/event.hpp>
#include <amphi/sync/latch.hpp>
#include <amphi/sync/mutex.hpp>
#include <amphi/sync/oneshot.hpp>
#include <amphi/sync/rwlock.hpp>
#include <amphi/sync/semaphore.hpp>
#include <amphi/sync/timed.hpp>
#include <amphi/sync/watch_channel.hpp>
#include <amphi/task/result.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/lives.hpp"
#include "support/seed.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::borrowed;
using amphi::testing::seeded;

class timed_waits : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(
    lives, timed_waits, amphi::testing::all_lives(), amphi::testing::name_of_life
);

/// Whether it was given up, and not by a timeout around it.
bool gave_up(const std::exception_ptr& error) {
    if (!error) return false;
    try {
        std::rethrow_exception(error);
    } catch (const timed_out& e) {
        return e.owner() == nullptr;
    }
}

// One of each kind, in a state in which its wait would last.
task<> expect_all_to_give_up(auto length) {
    mutex<int> m(1);
    auto guard = co_await m.lock();
    const auto locks = [](auto& what, auto after) -> task<> {
        (void)co_await what.lock_for(after);
    };
    auto ended = co_await as_result(locks(m, length));
    EXPECT_TRUE(gave_up(ended.error()));
    guard.unlock();

    rwlock<int> rw(1);
    auto writer = co_await rw.write();
    const auto reads = [](auto& what, auto after) -> task<> {
        (void)co_await what.read_for(after);
    };
    ended = co_await as_result(reads(rw, length));
    EXPECT_TRUE(gave_up(ended.error()));
    const auto writes = [](auto& what, auto after) -> task<> {
        (void)co_await what.write_for(after);
    };
    ended = co_await as_result(writes(rw, length));
    EXPECT_TRUE(gave_up(ended.error()));

    semaphore permits(1);
    const auto acquires = [](auto& what, auto after) -> task<> {
        (void)co_await what.acquire_for(after, 2);
    };
    ended = co_await as_result(acquires(permits, length));
    EXPECT_TRUE(gave_up(ended.error()));
    EXPECT_EQ(permits.available(), 1U);

    const auto waits = [](auto& what, auto after) -> task<> { co_await what.wait_for(after); };
    event never_set;
    ended = co_await as_result(waits(never_set, length));
    EXPECT_TRUE(gave_up(ended.error()));
    latch one(1);
    ended = co_await as_result(waits(one, length));
    EXPECT_TRUE(gave_up(ended.error()));

    const auto receives = [](auto& what, auto after) -> task<> {
        (void)co_await what.receive_for(after);
    };
    auto [to, from] = channel<std::string>(1);
    ended = co_await as_result(receives(from, length));
    EXPECT_TRUE(gave_up(ended.error()));
    const bool sent = co_await to.send_for("one", length);
    EXPECT_TRUE(sent);
    const auto sends = [](auto& what, auto after) -> task<> {
        (void)co_await what.send_for("two", after);
    };
    ended = co_await as_result(sends(to, length));
    EXPECT_TRUE(gave_up(ended.error()));
    EXPECT_EQ(from.size(), 1U);

    auto [answer, answered] = oneshot<int>();
    ended = co_await as_result(receives(answered, length));
    EXPECT_TRUE(gave_up(ended.error()));
    auto [all, each] = broadcast<int>(1);
    ended = co_await as_result(receives(each, length));
    EXPECT_TRUE(gave_up(ended.error()));
    auto [sets, seen] = watch_channel<int>(1);
    const auto changes = [](auto& what, auto after) -> task<> {
        (void)co_await what.changed_for(after);
    };
    ended = co_await as_result(changes(seen, length));
    EXPECT_TRUE(gave_up(ended.error()));
}

TEST_P(timed_waits, give_up_when_their_time_comes) {
    run([]() -> task<> {
        co_await expect_all_to_give_up(1ms);
        co_await expect_all_to_give_up(0ms);
        co_await expect_all_to_give_up(-1h);
    });
}

task<> opens(borrowed<event> e) {
    co_await yield();
    e->set();
}

TEST_P(timed_waits, end_by_what_they_wait_for) {
    run([]() -> task<> {
        mutex<int> m(3);
        {
            const auto guard = co_await m.lock_for(1h);
            EXPECT_EQ(*guard, 3);
        }
        event happens;
        co_await scope(
            [](task_scope& jobs, event& e) -> task<> {
                co_await jobs.spawn(opens, e);
                co_await e.wait_for(1h);
                co_await e.wait_until(never);
                co_await e.wait_until(time_point::min());  // Set: it need not wait.
            },
            happens
        );
        auto [to, from] = channel<int>(1);
        (void)co_await to.send_until(7, never);
        const std::optional<int> value = co_await from.receive_for(std::chrono::hours::max());
        EXPECT_EQ(value, 7);
        to.close();
        const std::optional<int> none = co_await from.receive_for(1h);
        EXPECT_FALSE(none);
    });
}

task<> waits_long(event& e) {
    co_await e.wait_for(1h);
}

TEST_P(timed_waits, end_by_a_timeout_around_them) {
    run([]() -> task<> {
        event never_set;
        bool expired = false;
        try {
            co_await timeout(2ms, waits_long, never_set);
        } catch (const timed_out&) {
            expired = true;
        }
        EXPECT_TRUE(expired);
    });
}

task<> sends_all(sender<int> to, int count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (int sent = 0; sent < count;) {
        auto attempt = co_await as_result(
            [](sender<int>& into, int value, std::chrono::nanoseconds length) -> task<bool> {
                co_return co_await into.send_for(value, length);
            }(to, sent, std::chrono::nanoseconds(random() % 20'000))
        );
        if (attempt) ++sent;
    }
}

task<> receives_all(receiver<int> from, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    int expected = 0;
    for (;;) {
        auto attempt = co_await as_result(
            [](receiver<int>& of, std::chrono::nanoseconds length) -> task<std::optional<int>> {
                co_return co_await of.receive_for(length);
            }(from, std::chrono::nanoseconds(random() % 20'000))
        );
        if (!attempt) continue;
        const std::optional<int> value = std::move(attempt).value();
        if (!value) break;
        EXPECT_EQ(*value, expected++);
    }
    EXPECT_EQ(expected, 2000);
}

TEST_P(timed_waits, lose_and_double_nothing_under_stress) {
    const seeded with;
    run(
        [](std::uint64_t seed) -> task<> {
            co_await scope(
                [](task_scope& jobs, std::uint64_t s) -> task<> {
                    auto [to, from] = channel<int>(2);
                    co_await jobs.spawn(receives_all, std::move(from), s + 1);
                    co_await jobs.spawn(sends_all, std::move(to), 2000, s);
                },
                seed
            );
        },
        with.seed()
    );
}

}  // namespace
