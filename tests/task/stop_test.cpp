// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/waiter.hpp>

#include "support/build.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using namespace amphi::detail;

TEST(stop_state, remembers_the_first_request) {
    stop_state state;
    EXPECT_EQ(state.requested(), stop_reason::none);
    const int timeout = 0;
    EXPECT_TRUE(state.request(stop_reason::deadline, &timeout));
    EXPECT_FALSE(state.request(stop_reason::cancel));
    EXPECT_EQ(state.requested(), stop_reason::deadline);
    EXPECT_EQ(state.timeout(), &timeout);
}

TEST(stop_state, hands_a_request_down_a_tree_and_never_up) {
    stop_state root;
    stop_state left;
    stop_state right;
    stop_state leaf;
    left.attach(&root);
    right.attach(&root);
    leaf.attach(&left);

    left.request(stop_reason::cancel);
    EXPECT_EQ(leaf.requested(), stop_reason::cancel);
    EXPECT_EQ(root.requested(), stop_reason::none);
    EXPECT_EQ(right.requested(), stop_reason::none);

    const int timeout = 0;
    root.request(stop_reason::deadline, &timeout);
    EXPECT_EQ(right.requested(), stop_reason::deadline);
    EXPECT_EQ(right.timeout(), &timeout);
    EXPECT_EQ(leaf.requested(), stop_reason::cancel) << "the first request decides the reason";
}

TEST(stop_state, reaches_who_attaches_after_the_request) {
    stop_state root;
    const int timeout = 0;
    root.request(stop_reason::deadline, &timeout);
    stop_state late;
    late.attach(&root);
    EXPECT_EQ(late.requested(), stop_reason::deadline);
    EXPECT_EQ(late.timeout(), &timeout);
}

TEST(stop_state, does_not_reach_who_has_left) {
    stop_state root;
    stop_state child;
    child.attach(&root);
    {
        stop_state short_lived;
        short_lived.attach(&root);
    }
    root.request(stop_reason::cancel);
    EXPECT_EQ(child.requested(), stop_reason::cancel);
}

TEST(stop_state, claims_the_parked_waiter_once) {
    stop_state state;
    waiter parked;
    parked.prepare_thread();
    ASSERT_TRUE(state.park(parked));
    state.request(stop_reason::cancel);
    EXPECT_FALSE(parked.arm());
    EXPECT_EQ(parked.claimed_by(), waiter::stop_source);
    state.unpark();
}

TEST(stop_state, keeps_no_waiter_after_the_request) {
    stop_state state;
    state.request(stop_reason::cancel);
    waiter refused;
    refused.prepare_thread();
    EXPECT_FALSE(state.park(refused));
    EXPECT_TRUE(refused.arm());
    EXPECT_EQ(refused.claim(0), claim_result::must_wake);
}

TEST(stop_state, leaves_alone_what_was_unparked) {
    stop_state state;
    {
        waiter gone;
        gone.prepare_thread();
        ASSERT_TRUE(state.park(gone));
        state.unpark();
    }
    state.request(stop_reason::cancel);
}

// Trees grow and shrink on several threads while another asks the root to stop: each thread sees
// its stop, and nothing is touched after its end (the sanitizers' part).
TEST(stop_state, is_safe_against_attaching_and_leaving_during_a_request) {
    const int rounds = amphi::testing::sanitized ? 300 : 2'000;
    for (int round = 0; round < rounds; ++round) {
        stop_state root;
        std::atomic<int> ready{0};
        std::vector<std::jthread> threads;
        for (int t = 0; t < 3; ++t)
            threads.emplace_back([&root, &ready] {
                ready.fetch_add(1);
                for (bool stopped = false; !stopped;) {
                    stop_state scope;
                    scope.attach(&root);
                    stop_state child;
                    child.attach(&scope);
                    waiter self;
                    self.prepare_thread();
                    if (child.park(self)) {
                        if (self.arm()) self.sleep(amphi::clock::now() + 20us);
                        child.unpark();
                        stopped = self.claimed_by() == waiter::stop_source;
                    } else {
                        stopped = true;
                    }
                }
            });
        while (ready.load() < 3)
            std::this_thread::yield();
        root.request(stop_reason::cancel);
    }
}

TEST(stop_requested, sees_stop_and_deadline) {
    context where;
    EXPECT_FALSE(stop_requested(where));
    where.deadline = amphi::clock::now() + 1h;
    EXPECT_FALSE(stop_requested(where));
    where.deadline = amphi::clock::now();
    EXPECT_TRUE(stop_requested(where));
    where.deadline = amphi::never;
    stop_state stop;
    where.stop = &stop;
    EXPECT_FALSE(stop_requested(where));
    stop.request(stop_reason::cancel);
    EXPECT_TRUE(stop_requested(where));
}

class cancellations : public ::testing::Test {
protected:
    cancellations() { where.stop = &stop; }
    [[nodiscard]] bool answered_by(const std::exception_ptr& error) const {
        return is_cancellation(error, where);
    }
    const std::exception_ptr cancelled = std::make_exception_ptr(amphi::operation_cancelled());
    const int outer_timeout = 0;
    const int other_timeout = 0;
    const std::exception_ptr expired = std::make_exception_ptr(amphi::timed_out(&outer_timeout));
    const std::exception_ptr expired_inside =
        std::make_exception_ptr(amphi::timed_out(&other_timeout));
    stop_state stop;
    context where;
};

TEST_F(cancellations, need_a_request_from_outside) {
    EXPECT_FALSE(answered_by(cancelled));
    EXPECT_FALSE(answered_by(expired));
    stop.request(stop_reason::cancel);
    EXPECT_TRUE(answered_by(cancelled));
    EXPECT_FALSE(answered_by(expired));
    EXPECT_FALSE(answered_by(std::make_exception_ptr(std::runtime_error("a failure"))));
}

TEST_F(cancellations, by_a_deadline_belong_to_its_timeout) {
    stop.request(stop_reason::deadline, &outer_timeout);
    EXPECT_TRUE(answered_by(expired));
    EXPECT_FALSE(answered_by(expired_inside));
    EXPECT_FALSE(answered_by(std::make_exception_ptr(amphi::timed_out())));
}

TEST_F(cancellations, by_the_deadline_of_a_plain_thread_have_no_stop) {
    where.timeout = &outer_timeout;
    EXPECT_TRUE(answered_by(expired));
    EXPECT_FALSE(answered_by(expired_inside));
}

}  // namespace
