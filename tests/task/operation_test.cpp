// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/lives.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using namespace amphi;

class operations : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(
    lives, operations, amphi::testing::all_lives(), amphi::testing::name_of_life
);

/// A value that is set once, by any thread, and awaited by one.
class slot {
public:
    class wait_operation : public detail::operation<wait_operation> {
    public:
        explicit wait_operation(slot& s) noexcept : slot_(s) {}
        [[nodiscard]] bool poll() noexcept {
            const detail::lock_guard guard(slot_.lock_);
            return slot_.value_.has_value();
        }
        void publish(detail::ticket t) {
            const detail::lock_guard guard(slot_.lock_);
            ++slot_.published;
            if (slot_.throws) throw std::length_error("no room for the ticket");
            if (slot_.value_)
                (void)t.claim();
            else
                slot_.waiting_ = t;
        }
        void withdraw() noexcept {
            const detail::lock_guard guard(slot_.lock_);
            ++slot_.withdrawn;
            slot_.waiting_ = {};
        }
        int result() { return slot_.value_.value(); }

    private:
        slot& slot_;
    };

    [[nodiscard]] wait_operation wait() noexcept { return wait_operation(*this); }

    void set(int value) {
        detail::ticket to_wake;
        {
            const detail::lock_guard guard(lock_);
            value_ = value;
            if (waiting_ && waiting_.claim() == detail::claim_result::must_wake) to_wake = waiting_;
        }
        if (to_wake) to_wake.wake();
    }

    bool throws = false;
    int published = 0;
    int withdrawn = 0;

private:
    detail::lock lock_;
    std::optional<int> value_;
    detail::ticket waiting_;
};

TEST_P(operations, that_are_ready_do_not_publish) {
    static slot ready;
    ready.set(5);
    const int value = run([]() -> task<int> {
        const int taken = co_await ready.wait();
        co_return taken;
    });
    EXPECT_EQ(value, 5);
    EXPECT_EQ(ready.published, 0);
}

TEST_P(operations, end_when_a_foreign_thread_completes_them) {
    for (int round = 0; round < 500; ++round) {
        slot awaited;
        std::jthread setter([&awaited, round] { awaited.set(round); });
        static slot* shared = nullptr;
        shared = &awaited;
        const int value = run([]() -> task<int> {
            const int taken = co_await shared->wait();
            co_return taken;
        });
        ASSERT_EQ(value, round);
    }
}

TEST_P(operations, that_cannot_publish_throw_and_leave_no_waiter_behind) {
    static slot broken;
    broken.throws = true;
    run([]() -> task<> {
        const auto wait_in_vain = []() -> task<> {
            const int unreached = co_await broken.wait();
            (void)unreached;
        };
        bool thrown = false;
        try {
            co_await wait_in_vain();
        } catch (const std::length_error&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
        // The stop above must have forgotten the first waiter.
        co_await sleep_for(1ms);
    });
}

TEST_P(operations, are_refused_when_a_stop_came_first) {
    static slot unused;
    run([]() -> task<> {
        bool cancelled = false;
        const auto body = [&cancelled](task_scope& jobs) -> task<> {
            jobs.request_stop();
            try {
                const int unreached = co_await unused.wait();
                (void)unreached;
            } catch (const operation_cancelled&) {
                cancelled = true;
            }
        };
        co_await scope(body);
        EXPECT_TRUE(cancelled);
    });
    EXPECT_EQ(unused.published, 0);
}

TEST_P(operations, may_be_awaited_again) {
    run([]() -> task<> {
        auto pause = sleep_for(1ms);
        co_await pause;
        co_await pause;
    });
}

TEST(operation_outside_of_tasks, blocks_the_thread) {
    slot awaited;
    std::jthread setter([&awaited] { awaited.set(3); });
    EXPECT_EQ(amphi::wait(awaited.wait()), 3);
    EXPECT_FALSE(detail::current_context().suspends());
    EXPECT_EQ(&detail::current_context(), &detail::outside_of_tasks());
}

}  // namespace
