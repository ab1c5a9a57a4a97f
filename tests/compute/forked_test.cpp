// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/compute/forked.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/thread_state.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

TEST(call_outcome, keeps_a_value_or_an_exception_and_drops_both) {
    const auto gives = [] { return std::make_unique<int>(3); };
    const auto throws = []() -> std::unique_ptr<int> { throw std::out_of_range("no"); };
    call_outcome<std::unique_ptr<int>> value;
    value.keep(gives);
    EXPECT_EQ(*value.take(), 3);
    call_outcome<std::unique_ptr<int>> error;
    error.keep(throws);
    EXPECT_THROW((void)error.take(), std::out_of_range);
    call_outcome<std::unique_ptr<int>> dropped[2];
    dropped[0].keep(gives);
    dropped[1].keep(throws);
    for (auto& each : dropped)
        each.drop();
}

TEST(forked, runs_elsewhere_with_what_its_forker_knows_of_its_task) {
    stop_state stop;
    context where;
    where.stop = &stop;
    bool was_elsewhere = false;
    const auto asks = [&was_elsewhere](bool elsewhere) {
        was_elsewhere = elsewhere;
        return this_task::stop_requested();
    };
    forked<decltype(asks)> before(asks, &where, nullptr);
    std::thread([&before] { before.run(); }).join();
    EXPECT_TRUE(before.done().is_set());
    EXPECT_FALSE(before.take());
    EXPECT_TRUE(was_elsewhere);

    stop.request(stop_reason::cancel);
    forked<decltype(asks)> after(asks, &where, nullptr);
    after.run();
    EXPECT_TRUE(after.take());
    EXPECT_EQ(this_thread().current, nullptr);
}

// Two operations may wait at once below one task: each below a stop of its own.
TEST(borrowed_context, has_a_stop_below_its_owners) {
    stop_state stop;
    context where;
    where.stop = &stop;
    {
        const borrowed_context one(&where);
        const context* const first = this_thread().current;
        ASSERT_NE(first, nullptr);
        EXPECT_NE(first->stop, &stop);
        EXPECT_FALSE(stop_requested(*first));
        stop.request(stop_reason::cancel);
        EXPECT_TRUE(stop_requested(*first));
    }
    EXPECT_EQ(this_thread().current, nullptr);
}

TEST(run_in_pool, refuses_nothing_on_a_plain_thread) {
    const std::string given = run_in_pool(pool_of_this_thread(), [] { return std::string("a"); });
    EXPECT_EQ(given, "a");
    EXPECT_FALSE(is_worker_of(pool_of_this_thread()));
    EXPECT_TRUE(run_in_pool(pool_of_this_thread(), [] {
        return is_worker_of(pool_of_this_thread());
    }));
}

}  // namespace
}  // namespace amphi::detail
