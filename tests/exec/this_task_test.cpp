// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/io/completion.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/lives.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;

std::string name_of_thread() {
    std::array<char, 16> name{};
    EXPECT_EQ(::pthread_getname_np(::pthread_self(), name.data(), name.size()), 0);
    return name.data();
}

class this_tasks : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(
    lives, this_tasks, amphi::testing::all_lives(), amphi::testing::name_of_life
);

TEST(this_task_outside_of_tasks, is_never_asked_to_stop) {
    EXPECT_FALSE(this_task::stop_requested());
    EXPECT_EQ(this_task::deadline(), never);
}

task<time_point> deadline_after_a_yield() {
    co_await yield();
    co_return this_task::deadline();
}

TEST_P(this_tasks, know_the_nearest_deadline) {
    run([]() -> task<> {
        EXPECT_EQ(this_task::deadline(), never);
        const auto before = clock::now();
        const auto nested = []() -> task<time_point> {
            const time_point inner = co_await timeout(1h, deadline_after_a_yield);
            EXPECT_EQ(this_task::deadline(), inner) << "the one outside is nearer";
            const time_point nearer = co_await timeout(1s, deadline_after_a_yield);
            EXPECT_LT(nearer, inner);
            co_return inner;
        };
        const time_point found = co_await timeout(1min, nested);
        EXPECT_GE(found, before + 1min);
        EXPECT_LE(found, clock::now() + 1min);
        EXPECT_EQ(this_task::deadline(), never);
    });
}

TEST_P(this_tasks, see_a_stop_and_a_deadline_without_an_await) {
    run([]() -> task<> {
        const auto stopped = [](task_scope& jobs) -> task<> {
            EXPECT_FALSE(this_task::stop_requested());
            jobs.request_stop();
            EXPECT_TRUE(this_task::stop_requested());
            co_return;
        };
        co_await scope(stopped);
        EXPECT_FALSE(this_task::stop_requested());

        const auto computes = []() -> task<> {
            while (!this_task::stop_requested()) {
            }
            co_return;
        };
        co_await timeout(2ms, computes);
        EXPECT_FALSE(this_task::stop_requested());
    });
}

task<std::uint64_t> name_of_its_own(std::string name) {
    const std::uint64_t id = this_task::id();
    EXPECT_EQ(this_task::name(), "");
    this_task::set_name(name);
    co_await yield();
    EXPECT_EQ(this_task::name(), name);
    EXPECT_EQ(this_task::id(), id);
    const bool named =
        detail::current_context().suspends() || name_of_thread() == name.substr(0, 15);
    EXPECT_TRUE(named) << name_of_thread();
    co_return id;
}

task<> name_two_tasks() {
    this_task::set_name("outer");
    const std::uint64_t own = this_task::id();
    std::array<std::uint64_t, 2> ids{};
    const auto body = [](task_scope& jobs, auto& found) -> task<> {
        auto first = co_await jobs.spawn(name_of_its_own, "a name of more than fifteen bytes");
        auto second = co_await jobs.spawn(name_of_its_own, "short");
        found[0] = co_await first.join();
        found[1] = co_await second.join();
    };
    co_await scope(body, ids);
    EXPECT_EQ(this_task::name(), "outer");
    EXPECT_EQ(this_task::id(), own);
    EXPECT_NE(ids[0], own);
    EXPECT_NE(ids[1], own);
    EXPECT_NE(ids[0], ids[1]);
}

TEST_P(this_tasks, have_a_name_and_a_number_of_their_own) {
    const std::string before = name_of_thread();
    run(name_two_tasks);
    EXPECT_EQ(name_of_thread(), before) << "a plain thread has its own name back";
}

TEST(this_task_outside_of_tasks, has_no_name_and_no_number) {
    EXPECT_EQ(this_task::id(), 0U);
    EXPECT_EQ(this_task::name(), "");
    EXPECT_THROW(this_task::set_name("nobody"), std::logic_error);
}

/// A third party's thread that computes until it is told to stop.
task<bool> compute_on_a_foreign_thread() {
    bool stopped = false;
    completion<void> ended;
    std::thread foreign([&stopped, token = this_task::stop_token(), to = ended.to_complete()] {
        const auto give_up = clock::now() + 30s;
        while (!token.stop_requested() && clock::now() < give_up) {
        }
        stopped = token.stop_requested();
        to.complete();
    });
    const auto wait_for_it = [](completion<void>& c) -> task<> { co_await c; };
    co_await shield(1min, wait_for_it, ended);
    foreign.join();
    co_return stopped;
}

TEST_P(this_tasks, give_other_threads_a_token_that_sees_a_stop_and_a_deadline) {
    run([]() -> task<> {
        const bool by_deadline = co_await timeout(2ms, compute_on_a_foreign_thread);
        EXPECT_TRUE(by_deadline);
        const auto stopped = [](task_scope& jobs) -> task<> {
            auto computing = co_await jobs.spawn(compute_on_a_foreign_thread);
            co_await sleep_for(1ms);
            computing.request_stop();
            const bool by_stop = co_await computing.join();
            EXPECT_TRUE(by_stop);
        };
        co_await scope(stopped);
    });
    EXPECT_FALSE(stop_token().stop_requested());
    EXPECT_FALSE(this_task::stop_token().stop_requested());
}

}  // namespace
