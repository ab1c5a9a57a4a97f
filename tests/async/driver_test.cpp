// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/driver.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/descriptor.hpp>

#include "async/observed_source.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/time.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using detail::driver_kind;
using testing::drain;
using testing::fill;
using testing::observed_source;
using testing::sees_end;
using testing::socket_ends;
using testing::write_byte;

/// What every driver promises. The test's thread is its worker.
class driver_test : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        const driver_kind kind = detail::driver_kind_of(GetParam());
        const auto& found = detail::automatic_driver();
        if (kind == driver_kind::uring && found.name != "uring") GTEST_SKIP() << found.reason;
        driver_ = detail::make_driver(kind);
    }

    void look() { driver_->turn(time_point::min()); }
    /// Turns until `source` has been called once more.
    void turn_for(const observed_source& source) {
        const int before = source.calls();
        const time_point limit = clock::now() + 30s;
        while (source.calls() == before && clock::now() < limit)
            driver_->turn(limit);
        ASSERT_GT(source.calls(), before);
    }

    std::unique_ptr<detail::driver> driver_;
};
INSTANTIATE_TEST_SUITE_P(
    drivers,
    driver_test,
    ::testing::Values("epoll", "uring"),
    [](const auto& one) { return std::string(one.param); }
);

TEST_P(driver_test, has_the_name_by_which_it_is_chosen) {
    EXPECT_STREQ(driver_->name(), GetParam());
}

TEST_P(driver_test, reports_what_is_ready_already) {
    const socket_ends ends;
    write_byte(ends.there);
    observed_source source;
    driver_->attach(source, ends.here.get(), EPOLLIN | EPOLLOUT | EPOLLET);
    turn_for(source);
    EXPECT_EQ(source.take_events() & (EPOLLIN | EPOLLOUT), std::uint32_t{EPOLLIN | EPOLLOUT});
}

TEST_P(driver_test, reports_an_edge_once_and_each_new_one) {
    const socket_ends ends;
    observed_source source;
    driver_->attach(source, ends.here.get(), EPOLLIN | EPOLLRDHUP | EPOLLET);
    for (int edge = 1; edge <= 5; ++edge) {
        write_byte(ends.there);
        turn_for(source);
        look();
        look();
        EXPECT_EQ(source.calls(), edge);
    }
}

TEST_P(driver_test, reports_a_level_for_as_long_as_it_lasts) {
    const socket_ends ends;
    observed_source source;
    driver_->attach(source, ends.here.get(), EPOLLIN);
    write_byte(ends.there);
    for (int i = 0; i < 5; ++i)
        turn_for(source);
    drain(ends.here);
    look();
    const int then = source.calls();
    look();
    look();
    EXPECT_EQ(source.calls(), then);
}

TEST_P(driver_test, reports_one_shot_sources_again_after_each_modify) {
    const socket_ends ends;
    write_byte(ends.there);
    observed_source source;
    driver_->attach(source, ends.here.get(), EPOLLIN | EPOLLONESHOT);
    for (int shot = 1; shot <= 3; ++shot) {
        turn_for(source);
        write_byte(ends.there);
        look();
        look();
        EXPECT_EQ(source.calls(), shot);
        source.modify(EPOLLIN | EPOLLONESHOT);
    }
}

TEST_P(driver_test, reports_only_the_events_that_were_asked_for_last) {
    const socket_ends ends;
    write_byte(ends.there);
    observed_source source;
    driver_->attach(source, ends.here.get(), EPOLLIN);
    turn_for(source);
    EXPECT_EQ(source.take_events(), std::uint32_t{EPOLLIN});
    source.modify(EPOLLOUT);
    turn_for(source);
    EXPECT_EQ(source.take_events(), std::uint32_t{EPOLLOUT});
}

// A sender whose peer has ended its own direction: no event that it waits for, and nothing to spend
// CPU time on.
TEST_P(driver_test, sleeps_while_only_what_nobody_asked_for_happens) {
    const socket_ends ends;
    fill(ends.here);
    observed_source source;
    driver_->attach(source, ends.here.get(), EPOLLOUT);
    look();
    ASSERT_EQ(::shutdown(ends.there.get(), SHUT_WR), 0);
    rusage before{};
    rusage after{};
    ::getrusage(RUSAGE_THREAD, &before);
    driver_->turn(clock::now() + 100ms);
    ::getrusage(RUSAGE_THREAD, &after);
    EXPECT_EQ(source.calls(), 0);
    EXPECT_LE(after.ru_nvcsw - before.ru_nvcsw + after.ru_nivcsw - before.ru_nivcsw, 20);
    const auto cpu = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1'000'000 +
                     after.ru_utime.tv_usec - before.ru_utime.tv_usec;
    EXPECT_LT(cpu, 10'000);
    drain(ends.there);
    turn_for(source);
    EXPECT_EQ(source.take_events(), std::uint32_t{EPOLLOUT});
}

TEST_P(driver_test, refuses_what_cannot_be_watched) {
    observed_source source;
    const auto error_of = [&](int fd) {
        try {
            driver_->attach(source, fd, EPOLLIN);
        } catch (const std::system_error& error) {
            return error.code().value();
        }
        return 0;
    };
    const descriptor file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(error_of(file.get()), EPERM);
    EXPECT_EQ(error_of(-1), EBADF);
    EXPECT_FALSE(source.is_attached());
}

TEST_P(driver_test, waits_until_the_deadline_and_not_longer) {
    const time_point start = clock::now();
    driver_->turn(start + 20ms);
    EXPECT_GE(clock::now() - start, 20ms);
    driver_->turn(start);
    driver_->turn(time_point::min());
    EXPECT_LT(clock::now() - start, 20s);
}

// A profiler's signals, a thousand a second of CPU or wall time, would end every long wait.
TEST_P(driver_test, waits_on_when_a_signal_comes) {
    struct sigaction ignored{};
    struct sigaction before{};
    ignored.sa_handler = [](int) {};
    ASSERT_EQ(::sigaction(SIGALRM, &ignored, &before), 0);
    const itimerval every_millisecond{{0, 1000}, {0, 1000}};
    ASSERT_EQ(::setitimer(ITIMER_REAL, &every_millisecond, nullptr), 0);
    const time_point start = clock::now();
    driver_->turn(start + 20ms);
    EXPECT_GE(clock::now() - start, 20ms);
    const itimerval off{};
    ASSERT_EQ(::setitimer(ITIMER_REAL, &off, nullptr), 0);
    ASSERT_EQ(::sigaction(SIGALRM, &before, nullptr), 0);
}

TEST_P(driver_test, ends_the_next_turn_when_woken_before) {
    for (int i = 0; i < 3; ++i) {
        driver_->wake();
        driver_->turn(never);
    }
}

TEST_P(driver_test, ends_a_turn_when_woken_by_another_thread) {
    for (int i = 0; i < 100; ++i) {
        std::thread other([this] { driver_->wake(); });
        driver_->turn(never);
        other.join();
    }
}

TEST_P(driver_test, gives_up_the_file_at_once_when_its_worker_detaches) {
    socket_ends ends;
    observed_source source;
    driver_->attach(source, ends.here.get(), EPOLLIN | EPOLLET);
    look();
    source.detach();
    ends.here.reset();
    EXPECT_TRUE(sees_end(ends.there, 0));
}

TEST_P(driver_test, gives_up_the_file_while_it_sleeps_when_another_thread_detaches) {
    for (int round = 0; round < 20; ++round) {
        socket_ends ends;
        observed_source source;
        driver_->attach(source, ends.here.get(), EPOLLIN | EPOLLET);
        detail::atomic<bool> done{false};
        std::thread other([&] {
            source.detach();
            ends.here.reset();
            EXPECT_TRUE(sees_end(ends.there, 30'000));
            done.store(true, std::memory_order_relaxed);  // the wake-up ends the last turn
            driver_->wake();
        });
        while (!done.load(std::memory_order_relaxed))
            driver_->turn(never);
        other.join();
        look();
    }
}

TEST_P(driver_test, tells_nobody_of_a_number_that_is_used_again) {
    for (int round = 0; round < 20; ++round) {
        socket_ends first;
        observed_source source;
        driver_->attach(source, first.here.get(), EPOLLIN | EPOLLET);
        look();
        write_byte(first.there);  // An event is under way when the source goes.
        source.detach();
        const int number = first.here.get();
        socket_ends second;
        ASSERT_EQ(::dup3(second.here.get(), number, O_CLOEXEC), number);
        observed_source successor;
        driver_->attach(successor, number, EPOLLIN | EPOLLET);
        look();
        look();
        EXPECT_EQ(source.calls(), 0);
        EXPECT_EQ(successor.calls(), 0);
        write_byte(second.there);
        turn_for(successor);
    }
}

TEST_P(driver_test, leaves_its_sources_detached_when_it_goes) {
    const socket_ends ends;
    observed_source source;
    driver_->attach(source, ends.here.get(), EPOLLIN | EPOLLET);
    driver_.reset();
    EXPECT_FALSE(source.is_attached());
}

TEST_P(driver_test, may_be_destroyed_by_another_thread_than_its_worker) {
    const driver_kind kind = detail::driver_kind_of(GetParam());
    const socket_ends ends;
    observed_source source;
    std::unique_ptr<detail::driver> elsewhere;
    std::thread worker([&] {
        elsewhere = detail::make_driver(kind);
        elsewhere->attach(source, ends.here.get(), EPOLLIN | EPOLLET);
        elsewhere->turn(time_point::min());
    });
    worker.join();
    elsewhere.reset();
    EXPECT_FALSE(source.is_attached());
}

TEST(driver_kind, is_what_is_asked_for_before_the_variable) {
    ASSERT_EQ(::setenv("AMPHI_DRIVER", "uring", 1), 0);
    EXPECT_EQ(detail::driver_kind_of(), driver_kind::uring);
    EXPECT_EQ(detail::driver_kind_of("epoll"), driver_kind::epoll);
    EXPECT_EQ(detail::driver_kind_of("auto"), driver_kind::automatic);
    ASSERT_EQ(::unsetenv("AMPHI_DRIVER"), 0);
    EXPECT_EQ(detail::driver_kind_of(), driver_kind::epoll);
}

TEST(driver_kind, names_what_may_be_asked_for) {
    const auto message_of = [](const char* name) -> std::string {
        try {
            (void)detail::driver_kind_of(name);
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return {};
    };
    EXPECT_EQ(message_of("iocp"), "the driver of a runtime is 'iocp': use epoll, uring or auto");
    ASSERT_EQ(::setenv("AMPHI_DRIVER", "Epoll", 1), 0);
    EXPECT_EQ(message_of(""), "AMPHI_DRIVER is 'Epoll': use epoll, uring or auto");
    ASSERT_EQ(::setenv("AMPHI_DRIVER", "", 1), 0);
    EXPECT_EQ(message_of(""), "") << "as if it were unset";
    ASSERT_EQ(::unsetenv("AMPHI_DRIVER"), 0);
}

}  // namespace
}  // namespace amphi
