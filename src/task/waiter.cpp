// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/waiter.hpp>

#include <amphi/base/assert.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/base/futex.hpp>
#include <amphi/task/promise.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/thread_state.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <span>

#include <poll.h>
#include <sys/eventfd.h>

namespace amphi::detail {

namespace {

timespec time_left(time_point deadline) noexcept {
    if (deadline == never) return {};
    const auto left = std::max(deadline - clock::now(), duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    return {seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
}

// The branches of one select.
constexpr std::size_t polled_max = 16;

}  // namespace

void waiter::prepare(promise_base& frame) noexcept {
    kind_ = kind::coroutine;
    frame_ = &frame;
    // relaxed: the sources' locks publish the waiter, this thread is its only user until then.
    state_.store(preparing, std::memory_order_relaxed);
}

void waiter::prepare_thread() noexcept {
    kind_ = kind::thread;
    state_.store(preparing, std::memory_order_relaxed);
}

void waiter::prepare_polling_thread() {
    wake_descriptor_ = wake_descriptor_of_this_thread();
    kind_ = kind::polling_thread;
    state_.store(preparing, std::memory_order_relaxed);
}

bool waiter::arm() noexcept {
    std::uint32_t expected = preparing;
    return state_.compare_exchange_strong(
        expected,
        armed,
        std::memory_order_acq_rel,  // sync: waiter.arm
        std::memory_order_acquire   // sync: waiter.claim
    );
}

void waiter::sleep(time_point deadline) noexcept {
    for (;;) {
        const std::uint32_t seen = state_.load(std::memory_order_acquire);  // sync: waiter.wake
        if ((seen & ~0xffU) == woken) return;
        // Once claimed the winner is at work: its wake comes soon and no deadline matters.
        const bool open = seen == armed;
        if (!futex_wait(state_, seen, open ? deadline : never) && open &&
            claim(deadline_source) == claim_result::must_wake)
            return;
    }
}

bool waiter::sleep_open(time_point deadline) noexcept {
    while (state_.load(std::memory_order_relaxed) == armed)
        if (!futex_wait(state_, armed, deadline)) return false;
    return true;
}

void waiter::sleep_polling(std::span<const descriptor_wait> watched, time_point deadline) {
    std::array<pollfd, polled_max + 1> polled{};
    AMPHI_ASSERT(watched.size() <= polled_max);
    for (std::size_t i = 0; i < watched.size(); ++i)
        polled[i] = {watched[i].fd, watched[i].events, 0};
    pollfd& woken_by_other = polled[watched.size()];
    woken_by_other = {wake_descriptor_, POLLIN, 0};

    for (;;) {
        const timespec timeout = time_left(deadline);
        const int count = ::ppoll(
            polled.data(), watched.size() + 1, deadline == never ? nullptr : &timeout, nullptr
        );
        if (count < 0 && errno == EINTR) continue;
        const int error = count < 0 ? errno : 0;
        if (count == 0 && clock::now() < deadline) continue;
        // Only our own descriptor: somebody else has won already, whatever we claim as.
        source by = deadline_source;
        for (std::size_t i = watched.size(); i > 0; --i)
            if (polled[i - 1].revents != 0) by = watched[i - 1].by;
        if (end_polling(by) && error != 0) throw_system_error(error, "wait for a descriptor");
        return;
    }
}

bool waiter::end_polling(source by) noexcept {
    if (claim(by) == claim_result::must_wake) return true;
    // Somebody else has claimed the wait. Its write to our descriptor comes before its last access
    // to the waiter, so after the sleep there is exactly one to read.
    sleep(never);
    eventfd_t ignored = 0;
    ::eventfd_read(wake_descriptor_, &ignored);
    return false;
}

void waiter::stand_in_for(const ticket& other) noexcept {
    kind_ = kind::stand_in;
    stands_for_ = other.waiter_;
    // relaxed: the source's lock publishes it, as it does the rest.
    state_.store(other.by_, std::memory_order_relaxed);
}

ticket waiter::first_ticket() noexcept {
    if (kind_ != kind::stand_in) return {*this, 0};
    return {*stands_for_, static_cast<source>(state_.load(std::memory_order_relaxed))};
}

waiter::source waiter::claimed_by() const noexcept {
    return static_cast<source>(
        state_.load(std::memory_order_acquire) & 0xffU
    );  // sync: waiter.claim
}

claim_result waiter::claim(source by) noexcept {
    std::uint32_t seen = state_.load(std::memory_order_relaxed);
    while (seen == preparing || seen == armed) {
        const claim_result result = seen == armed ? claim_result::must_wake : claim_result::early;
        if (state_.compare_exchange_weak(
                seen,
                claimed | by,
                std::memory_order_acq_rel,  // sync: waiter.claim waiter.arm
                std::memory_order_relaxed
            ))
            return result;
    }
    return claim_result::lost;
}

void waiter::wake() noexcept {
    if (kind_ == kind::coroutine) {
        frame_->where->home->schedule(*frame_);
        return;
    }
    if (kind_ == kind::polling_thread) ::eventfd_write(wake_descriptor_, 1);
    const atomic<std::uint32_t>* word = &state_;
    const std::uint32_t by = state_.load(std::memory_order_relaxed) & 0xffU;
    state_.store(woken | by, std::memory_order_release);  // sync: waiter.wake
    futex_wake(word, 1);
}

}  // namespace amphi::detail
