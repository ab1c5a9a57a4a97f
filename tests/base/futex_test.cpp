// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/futex.hpp>

#include <chrono>
#include <cstdint>
#include <thread>

#include <gtest/gtest.h>
#include <sys/mman.h>

namespace {

using namespace std::chrono_literals;
using amphi::clock;
using amphi::detail::atomic;
using amphi::detail::futex_wait;
using amphi::detail::futex_wake;

TEST(futex, does_not_wait_when_the_word_has_changed) {
    const atomic<std::uint32_t> word{7};
    EXPECT_TRUE(futex_wait(word, 8));
}

TEST(futex, reports_a_deadline_that_has_passed_and_never_earlier) {
    const atomic<std::uint32_t> word{7};
    const auto deadline = clock::now() + 20ms;
    while (futex_wait(word, 7, deadline)) {
    }
    EXPECT_GE(clock::now(), deadline);
}

TEST(futex, treats_times_before_the_clock_began_as_passed) {
    const atomic<std::uint32_t> word{7};
    EXPECT_FALSE(futex_wait(word, 7, amphi::time_point::min()));
    EXPECT_FALSE(futex_wait(word, 7, amphi::time_point(-1s)));
}

TEST(futex, wakes_a_waiter) {
    atomic<std::uint32_t> word{0};
    std::jthread waker([&word] {
        word.store(1, std::memory_order_release);
        futex_wake(&word, 1);
    });
    while (word.load(std::memory_order_acquire) == 0)
        futex_wait(word, 0);
}

TEST(futex, may_wake_an_address_that_is_gone) {
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(page, MAP_FAILED);
    ASSERT_EQ(::munmap(page, 4096), 0);
    futex_wake(static_cast<atomic<std::uint32_t>*>(page), 1);
}

}  // namespace
