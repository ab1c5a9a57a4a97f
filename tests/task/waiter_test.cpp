// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>
#include <amphi/task/promise.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/waiter.hpp>

#include "support/build.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

namespace {

using namespace std::chrono_literals;
using namespace amphi::detail;
using amphi::clock;
using amphi::never;

/// Notes what is woken instead of running it.
class noting_scheduler final : public scheduler {
public:
    void schedule(promise_base& frame) noexcept override { woken.push_back(&frame); }
    void schedule_last(promise_base& frame) noexcept override { schedule(frame); }
    void start(task_block&) override {}
    stop_state* daemon_stop() noexcept override { return nullptr; }
    std::vector<promise_base*> woken;
};

class coroutine_waiter : public ::testing::Test {
protected:
    coroutine_waiter() {
        where.home = &home;
        frame.where = &where;
        self.prepare(frame);
    }
    noting_scheduler home;
    context where;
    promise_base frame;
    waiter self;
};

TEST_F(coroutine_waiter, is_woken_by_its_scheduler_when_claimed_asleep) {
    ASSERT_TRUE(self.arm());
    ASSERT_EQ(self.claim(3), claim_result::must_wake);
    EXPECT_TRUE(home.woken.empty());
    self.wake();
    EXPECT_EQ(home.woken, std::vector<promise_base*>{&frame});
    EXPECT_EQ(self.claimed_by(), 3);
}

TEST_F(coroutine_waiter, does_not_sleep_when_claimed_early) {
    EXPECT_EQ(self.claim(2), claim_result::early);
    EXPECT_FALSE(self.arm());
    EXPECT_EQ(self.claimed_by(), 2);
    EXPECT_TRUE(home.woken.empty());
}

TEST_F(coroutine_waiter, is_claimed_once) {
    EXPECT_EQ(self.claim(1), claim_result::early);
    EXPECT_EQ(self.claim(waiter::stop_source), claim_result::lost);
    EXPECT_FALSE(self.arm());
    EXPECT_EQ(self.claim(waiter::deadline_source), claim_result::lost);
    EXPECT_EQ(self.claimed_by(), 1);
}

TEST_F(coroutine_waiter, may_wait_again) {
    for (waiter::source round = 0; round < 3; ++round) {
        self.prepare(frame);
        ASSERT_TRUE(self.arm());
        ASSERT_EQ(self.claim(round), claim_result::must_wake);
        EXPECT_EQ(self.claim(9), claim_result::lost);
        self.wake();
        EXPECT_EQ(self.claimed_by(), round);
    }
    EXPECT_EQ(home.woken.size(), 3U);
}

TEST_F(coroutine_waiter, knows_its_sources_by_their_tickets) {
    const ticket first(self, 0);
    const ticket second = first.as(5);
    EXPECT_FALSE(ticket());
    EXPECT_TRUE(second);
    ASSERT_TRUE(self.arm());
    EXPECT_EQ(second.claim(), claim_result::must_wake);
    EXPECT_EQ(first.claim(), claim_result::lost);
    second.wake();
    EXPECT_EQ(self.claimed_by(), second.source());
}

TEST(thread_waiter, does_not_sleep_when_claimed_early) {
    waiter self;
    self.prepare_thread();
    EXPECT_EQ(self.claim(0), claim_result::early);
    EXPECT_FALSE(self.arm());
}

TEST(thread_waiter, ends_its_wait_by_the_deadline_and_not_before) {
    waiter self;
    self.prepare_thread();
    ASSERT_TRUE(self.arm());
    const auto deadline = clock::now() + 15ms;
    self.sleep(deadline);
    EXPECT_GE(clock::now(), deadline);
    EXPECT_EQ(self.claimed_by(), waiter::deadline_source);
    EXPECT_EQ(self.claim(0), claim_result::lost);
}

TEST(thread_waiter, leaves_an_open_sleep_to_be_ended_later) {
    waiter self;
    self.prepare_thread();
    ASSERT_TRUE(self.arm());
    EXPECT_FALSE(self.sleep_open(clock::now() + 1ms));
    EXPECT_EQ(self.claim(4), claim_result::must_wake);
    EXPECT_TRUE(self.sleep_open(never));
    self.wake();
    self.sleep(never);
    EXPECT_EQ(self.claimed_by(), 4);
}

// Threads that the library never saw race for one waiter, whose storage ends at once: one of them
// wins, and after its wake nobody touches the waiter.
TEST(thread_waiter, is_woken_by_one_of_many_foreign_threads) {
    const int rounds = amphi::testing::sanitized ? 1'000 : 5'000;
    constexpr int claimers = 2;
    std::unique_ptr<waiter> self;
    std::atomic<int> round{0};
    std::atomic<int> looked{0};
    std::atomic<int> winners{0};
    std::vector<std::jthread> threads;
    for (waiter::source by = 0; by < claimers; ++by)
        threads.emplace_back([&, by] {
            for (int next = 1; next <= rounds; ++next) {
                while (round.load() < next)
                    std::this_thread::yield();
                waiter& found = *self;
                const claim_result result = found.claim(by);
                if (result != claim_result::lost) winners.fetch_add(1);
                looked.fetch_add(1);
                if (result == claim_result::must_wake) found.wake();
            }
        });
    for (int current = 1; current <= rounds; ++current) {
        self = std::make_unique<waiter>();
        looked.store(0);
        winners.store(0);
        self->prepare_thread();
        round.store(current);
        if (self->arm()) self->sleep(never);
        while (looked.load() < claimers)  // The sources' locks would do this.
            std::this_thread::yield();
        ASSERT_EQ(winners.load(), 1);
        ASSERT_LT(self->claimed_by(), claimers);
    }
}

class polling_waiter : public ::testing::Test {
protected:
    polling_waiter() : events(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        self.prepare_polling_thread();
    }
    void sleep(amphi::time_point deadline) {
        const std::array<descriptor_wait, 1> waits{descriptor_wait{events.get(), POLLIN, 7}};
        self.sleep_polling(waits, deadline);
    }
    amphi::descriptor events;
    waiter self;
};

TEST_F(polling_waiter, ends_by_an_event_of_its_descriptor) {
    ASSERT_TRUE(self.arm());
    ::eventfd_write(events.get(), 1);
    sleep(never);
    EXPECT_EQ(self.claimed_by(), 7);
}

TEST_F(polling_waiter, ends_by_its_deadline_and_not_before) {
    ASSERT_TRUE(self.arm());
    const auto deadline = clock::now() + 15ms;
    sleep(deadline);
    EXPECT_GE(clock::now(), deadline);
    EXPECT_EQ(self.claimed_by(), waiter::deadline_source);
}

// The wake-up descriptor is the thread's: what one wait leaves in it would end the next.
TEST_F(polling_waiter, is_woken_by_a_source_and_leaves_nothing_for_the_next_wait) {
    for (int round = 0; round < 2'000; ++round) {
        self.prepare_polling_thread();
        std::jthread waker;
        if (round % 2 == 0) {
            ASSERT_TRUE(self.arm());
            waker = std::jthread([this] {
                if (self.claim(1) == claim_result::must_wake) self.wake();
            });
            sleep(never);
            ASSERT_EQ(self.claimed_by(), 1);
        } else {
            ASSERT_TRUE(self.arm());
            sleep(clock::now() + 10us);
            ASSERT_EQ(self.claimed_by(), waiter::deadline_source) << "a wake-up was left over";
        }
    }
}

TEST_F(polling_waiter, ends_exactly_once_when_source_event_and_deadline_race) {
    for (int round = 0; round < 1'000; ++round) {
        self.prepare_polling_thread();
        std::jthread waker([this] {
            if (self.claim(1) == claim_result::must_wake) self.wake();
        });
        std::jthread writer([this] { ::eventfd_write(events.get(), 1); });
        if (self.arm()) sleep(clock::now() + 30us);
        writer.join();
        waker.join();
        const waiter::source by = self.claimed_by();
        ASSERT_TRUE(by == 1 || by == 7 || by == waiter::deadline_source) << int{by};
        eventfd_t ignored = 0;
        ::eventfd_read(events.get(), &ignored);
        const int left = ::eventfd_read(self.wake_descriptor(), &ignored);
        ASSERT_EQ(left, -1) << "a wake-up was left over in round " << round;
    }
}

// ppoll(2) refuses more descriptors than the process may open.
TEST_F(polling_waiter, throws_what_the_kernel_refuses) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit one{1, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &one), 0);
    ASSERT_TRUE(self.arm());
    EXPECT_THROW(sleep(never), std::system_error);
    ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
