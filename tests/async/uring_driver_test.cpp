// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/driver.hpp>
#include <amphi/base/clock.hpp>

#include "async/observed_source.hpp"
#include "async/uring_driver.hpp"
#include "support/seed.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using detail::uring_driver;
using testing::observed_source;
using testing::sees_end;
using testing::socket_ends;
using testing::write_byte;

/// The test's thread is the worker.
class uring_driver_test : public ::testing::Test {
protected:
    void SetUp() override {
        const auto& found = detail::automatic_driver();
        if (found.name != "uring") GTEST_SKIP() << found.reason;
    }
};

class event_counter {
public:
    explicit event_counter(detail::driver& where) : fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        where.attach(source, fd.get(), EPOLLIN | EPOLLET);
    }
    descriptor fd;
    observed_source source;
};

// A ring that holds next to nothing: submissions go in many parts, and nearly every completion
// overflows. Nothing may be lost, and a repeated request that the kernel ends for it goes on.
TEST_F(uring_driver_test, loses_no_event_when_its_queues_are_far_too_small) {
    constexpr int count = 300;
    uring_driver tiny({2, 4});
    std::deque<event_counter> counters;
    for (int i = 0; i < count; ++i)
        counters.emplace_back(tiny);
    tiny.turn(time_point::min());
    for (int round = 1; round <= 4; ++round) {
        for (const event_counter& c : counters)
            ASSERT_EQ(::eventfd_write(c.fd.get(), 1), 0);
        const time_point limit = clock::now() + 30s;
        for (const event_counter& c : counters)
            while (c.source.calls() < round && clock::now() < limit)
                tiny.turn(limit);
        for (const event_counter& c : counters)
            ASSERT_GE(c.source.calls(), round);
    }
}

TEST_F(uring_driver_test, forgets_all_sources_when_its_queues_are_far_too_small) {
    uring_driver tiny({2, 4});
    std::vector<socket_ends> ends(300);
    std::deque<observed_source> sources(ends.size());
    for (std::size_t i = 0; i < ends.size(); ++i)
        tiny.attach(sources[i], ends[i].here.get(), EPOLLIN | EPOLLOUT | EPOLLET);
    tiny.turn(time_point::min());
    for (std::size_t i = 0; i < ends.size(); ++i) {
        sources[i].detach();
        ends[i].here.reset();
    }
    for (int i = 0; i < 300; ++i)
        tiny.turn(time_point::min());
    for (const socket_ends& e : ends)
        EXPECT_TRUE(sees_end(e.there, 0));
}

/// A source that says whether it was called after it was detached.
class storm_source final : public detail::event_source {
public:
    explicit storm_source(uring_driver& where) {
        where.attach(*this, ends.here.get(), EPOLLIN | EPOLLOUT | EPOLLET);
    }
    ~storm_source() { detach(); }

    void leave() noexcept {
        detach();
        left_ = true;
    }
    [[nodiscard]] bool called_late() const noexcept { return called_late_; }

    socket_ends ends;

private:
    void on_events(std::uint32_t) noexcept override { called_late_ = called_late_ || left_; }

    // Plain: a call after `detach` is also a data race, which the thread sanitizer sees.
    bool left_ = false;
    bool called_late_ = false;
};

/// Hands sources from the worker to those who use them up.
class handover {
public:
    void give(std::unique_ptr<storm_source> source) {
        const std::lock_guard guard(mutex_);
        sources_.push_back(std::move(source));
        changed_.notify_one();
    }
    std::unique_ptr<storm_source> take() {
        std::unique_lock guard(mutex_);
        changed_.wait(guard, [this] { return !sources_.empty(); });
        auto source = std::move(sources_.front());
        sources_.pop_front();
        return source;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::unique_ptr<storm_source>> sources_;
};

// The worker attaches and sleeps; three threads let events happen, change what is asked for, detach
// and close. Each end of a connection must reach the peer, though nobody but those detaching wakes
// the worker.
TEST_F(uring_driver_test, stands_a_storm_of_changes_from_other_threads) {
    constexpr int others_count = 3;
    constexpr int sources_each = 300;
    const testing::seeded seeded;
    uring_driver small({4, 8});
    handover sources;
    detail::atomic<int> done{0};
    const auto use_up = [&](std::uint64_t seed) {
        std::mt19937_64 random(seed);
        constexpr std::array<std::uint32_t, 4> asked{
            EPOLLIN, EPOLLIN | EPOLLONESHOT, EPOLLOUT | EPOLLET, EPOLLIN | EPOLLOUT | EPOLLET
        };
        for (int i = 0; i < sources_each; ++i) {
            const auto source = sources.take();
            for (std::uint64_t changes = random() % 4; changes > 0; --changes) {
                if (random() % 2 == 0) write_byte(source->ends.there);
                source->modify(asked[random() % asked.size()]);
            }
            source->leave();
            source->ends.here.reset();
            EXPECT_TRUE(sees_end(source->ends.there, 30'000));
            EXPECT_FALSE(source->called_late());
        }
        done.fetch_add(1, std::memory_order_relaxed);  // the driver's wake-up publishes it
        small.wake();
    };
    std::vector<std::thread> others;
    for (std::uint64_t i = 0; i < others_count; ++i)
        others.emplace_back(use_up, seeded.seed() + i);
    for (int i = 0; i < others_count * sources_each; ++i) {
        sources.give(std::make_unique<storm_source>(small));
        small.turn(time_point::min());
    }
    while (done.load(std::memory_order_relaxed) < others_count)
        small.turn(never);
    for (std::thread& other : others)
        other.join();
}

}  // namespace
}  // namespace amphi
