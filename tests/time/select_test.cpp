// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/sync/event.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/waiter.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/lives.hpp"

#include <array>
#include <chrono>
#include <new>
#include <stdexcept>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;

class select_in : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, select_in, testing::all_lives(), testing::name_of_life);

task<int> soon(int value) {
    co_await yield();
    co_return value;
}
task<int> for_ever() {
    co_await sleep_until(never);
    co_return 0;
}

task<> join_against_time() {
    co_await scope([](task_scope& jobs) -> task<> {
        auto handle = co_await jobs.spawn(soon, 5);
        const auto first = co_await select(sleep_until(never), handle.join());
        EXPECT_EQ(first.index(), 1U);
        EXPECT_EQ(std::get<1>(first), 5);
    });
}

task<> orders_of_ready_branches() {
    std::array<int, 3> biased{};
    std::array<int, 3> fair{};
    constexpr int rounds = 600;
    for (int i = 0; i < rounds; ++i) {
        const auto first = co_await select(
            sleep_until(time_point::min()), sleep_until(time_point::min()), sleep_for(-1s)
        );
        ++biased.at(first.index());
        const auto any = co_await select_fair(
            sleep_until(time_point::min()), sleep_until(time_point::min()), sleep_for(-1s)
        );
        ++fair.at(any.index());
    }
    EXPECT_EQ(biased[0], rounds);
    // A third each: 200, with a standard deviation of 12.
    for (const int count : fair)
        EXPECT_GT(count, 100);
}

TEST_P(select_in, takes_ready_branches_in_order_or_fairly) {
    run(orders_of_ready_branches);
}

/// Cannot be published: what comes of a shortage of memory there. May set an event first.
class refused final : public detail::operation<refused> {
public:
    explicit refused(event* sets = nullptr) noexcept : sets_(sets) {}
    [[nodiscard]] bool poll() const noexcept { return false; }
    void publish(detail::ticket) {
        if (sets_ != nullptr) sets_->set();
        throw std::bad_alloc();
    }
    void withdraw() noexcept {}
    void result() const noexcept {}

private:
    event* sets_;
};

task<> branch_that_is_refused() {
    event happened;
    bool refusal = false;
    try {
        (void)co_await select(happened.wait(), refused());
    } catch (const std::bad_alloc&) {
        refusal = true;
    }
    EXPECT_TRUE(refusal);
    happened.set();  // Nobody waits for it any more.
    co_await happened.wait();
}

TEST_P(select_in, withdraws_all_when_a_branch_is_refused) {
    run(branch_that_is_refused);
}

task<> branch_that_won_before_another_was_refused() {
    event happened(event_kind::auto_reset);
    const auto first = co_await select(happened.wait(), refused(&happened));
    EXPECT_EQ(first.index(), 0U);
}

TEST_P(select_in, loses_nothing_to_a_refusal_that_comes_later) {
    run(branch_that_won_before_another_was_refused);
}

TEST_P(select_in, yields_the_value_of_the_join_that_came_first) {
    run(join_against_time);
}

task<> time_against_join() {
    co_await scope([](task_scope& jobs) -> task<> {
        auto handle = co_await jobs.spawn(for_ever);
        const auto first = co_await select(handle.join(), sleep_for(2ms));
        EXPECT_EQ(first.index(), 1U);
        // The loser was withdrawn: it can be awaited again.
        const auto second = co_await select(handle.join(), sleep_for(1ms), sleep_until(never));
        EXPECT_EQ(second.index(), 1U);
        jobs.request_stop();
    });
}

TEST_P(select_in, withdraws_the_losers) {
    run(time_against_join);
}

task<> ready_branches() {
    const auto first = co_await select(sleep_for(0s), sleep_for(-1s), sleep_until(never));
    EXPECT_EQ(first.index(), 0U);
}

TEST_P(select_in, takes_the_first_of_those_that_are_ready_at_once) {
    run(ready_branches);
}

struct pipe_ends {
    descriptor read;
    descriptor write;
};

pipe_ends make_pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    return {descriptor(ends[0]), descriptor(ends[1])};
}

task<> write_one(int fd) {
    co_await yield();
    EXPECT_EQ(::write(fd, "x", 1), 1);
}

task<> ready_or_late(task_scope& jobs, const pipe_ends& quiet, const pipe_ends& busy) {
    detail::watch quiet_watch;
    detail::watch busy_watch;
    (void)co_await jobs.spawn(write_one, busy.write.get());
    detail::ready_operation quiet_ready(quiet_watch, quiet.read.get(), detail::direction::read);
    detail::ready_operation busy_ready(busy_watch, busy.read.get(), detail::direction::read);
    const auto first = co_await select(quiet_ready, sleep_until(never), busy_ready);
    EXPECT_EQ(first.index(), 2U);
    char byte = 0;
    EXPECT_EQ(::read(busy.read.get(), &byte, 1), 1);
    // Nobody writes: time wins against two descriptors.
    detail::ready_operation again(busy_watch, busy.read.get(), detail::direction::read);
    detail::ready_operation quiet_again(quiet_watch, quiet.read.get(), detail::direction::read);
    const auto second = co_await select(again, quiet_again, sleep_for(3ms));
    EXPECT_EQ(second.index(), 2U);
}

task<> readiness_of_descriptors() {
    const pipe_ends quiet = make_pipe();
    const pipe_ends busy = make_pipe();
    co_await scope(ready_or_late, quiet, busy);
}

TEST_P(select_in, waits_for_descriptors_and_time_together) {
    run(readiness_of_descriptors);
}

task<> nothing_comes() {
    const pipe_ends quiet = make_pipe();
    detail::watch watched;
    detail::ready_operation ready(watched, quiet.read.get(), detail::direction::read);
    (void)co_await select(ready, sleep_until(never));
}
task<> nothing_comes_in_time() {
    co_await timeout(3ms, nothing_comes);
}
task<> nothing_comes_and_is_stopped() {
    co_await scope([](task_scope& jobs) -> task<> {
        auto handle = co_await jobs.spawn(nothing_comes);
        co_await sleep_for(1ms);
        handle.request_stop();
        while (!handle.done())
            co_await yield();
    });
}

TEST_P(select_in, is_ended_by_a_deadline) {
    EXPECT_THROW(run(nothing_comes_in_time), timed_out);
}
TEST_P(select_in, is_ended_by_a_stop) {
    run(nothing_comes_and_is_stopped);
}

}  // namespace
}  // namespace amphi
