// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/scope_core.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/waiter.hpp>

#include <exception>
#include <stdexcept>

#include <gtest/gtest.h>

namespace {

using namespace amphi::detail;

class scope_core_white_box : public ::testing::Test {
protected:
    context outer;
    scope_core scope{outer};
};

TEST_F(scope_core_white_box, admits_up_to_its_limit_and_in_turn) {
    scope.limit(1);
    ASSERT_TRUE(scope.try_enter());
    EXPECT_FALSE(scope.try_enter());

    waiter first;
    waiter second;
    permit_waiter first_place;
    permit_waiter second_place;
    first.prepare_thread();
    second.prepare_thread();
    scope.enter_or_wait(first_place, ticket(first, 0));
    scope.enter_or_wait(second_place, ticket(second, 0));

    scope.leave();
    EXPECT_FALSE(first.arm()) << "admitted";
    EXPECT_EQ(scope.running(), 1U);
    EXPECT_TRUE(second.arm()) << "still in line";

    scope.leave();
    second.sleep(amphi::never);
    EXPECT_EQ(scope.running(), 1U);
    EXPECT_FALSE(scope.try_enter());
    scope.leave();
    EXPECT_EQ(scope.running(), 0U);
}

TEST_F(scope_core_white_box, gives_the_place_of_who_was_cancelled_to_the_next) {
    scope.limit(1);
    ASSERT_TRUE(scope.try_enter());
    waiter cancelled;
    waiter next;
    permit_waiter cancelled_place;
    permit_waiter next_place;
    cancelled.prepare_thread();
    next.prepare_thread();
    scope.enter_or_wait(cancelled_place, ticket(cancelled, 0));
    scope.enter_or_wait(next_place, ticket(next, 0));
    ASSERT_EQ(cancelled.claim(waiter::stop_source), claim_result::early);
    scope.leave();
    EXPECT_FALSE(next.arm());
    EXPECT_EQ(scope.running(), 1U);
    scope.withdraw(cancelled_place);
    scope.leave();
}

TEST_F(scope_core_white_box, does_not_pass_over_who_waits) {
    scope.limit(2);
    ASSERT_TRUE(scope.try_enter());
    ASSERT_TRUE(scope.try_enter());
    waiter first;
    permit_waiter place;
    first.prepare_thread();
    scope.enter_or_wait(place, ticket(first, 0));
    scope.limit(1);
    scope.leave();
    EXPECT_FALSE(scope.try_enter());
    EXPECT_TRUE(first.arm()) << "the lower limit is still met";
    scope.limit(0);
    first.sleep(amphi::never);
    EXPECT_EQ(scope.running(), 2U);
    scope.leave();
    scope.leave();
}

TEST_F(scope_core_white_box, claims_its_joiner_when_the_last_child_leaves) {
    ASSERT_TRUE(scope.try_enter());
    ASSERT_TRUE(scope.try_enter());
    waiter joiner;
    joiner.prepare_thread();
    scope.publish_joiner(ticket(joiner, 0));
    scope.leave();
    ASSERT_TRUE(joiner.arm());
    scope.leave();
    joiner.sleep(amphi::never);
    EXPECT_EQ(joiner.claimed_by(), 0);
    scope.withdraw_joiner();
}

TEST_F(scope_core_white_box, keeps_the_first_failure_and_those_after_it) {
    scope.body_ended_by(std::make_exception_ptr(std::runtime_error("first")));
    EXPECT_EQ(scope.where().stop->requested(), stop_reason::cancel);
    scope.body_ended_by(std::make_exception_ptr(amphi::operation_cancelled()));
    scope.body_ended_by(std::make_exception_ptr(std::runtime_error("second")));
    EXPECT_EQ(scope.further_failures().size(), 1U) << "a cancel that was asked for is no failure";
    EXPECT_THROW(scope.throw_failure(false, amphi::detail::outside_of_tasks()), std::runtime_error);
}

}  // namespace
