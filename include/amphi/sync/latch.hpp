// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/assert.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/sync/event.hpp>
#include <amphi/task/sendable.hpp>

#include <atomic>
#include <cstddef>

namespace amphi {

/// Counts down to zero once, and lets go on who waits for that.
///
/// What was written before a `count_down` is seen after every wait.
///
/// Threads: any, in both lives at once. Lifetime: outlives whoever waits; it may be destroyed as
/// soon as a wait has returned.
class latch {
public:
    explicit latch(std::size_t count) noexcept : left_(count) {
        if (count == 0) zero_.set();
    }
    latch(const latch&) = delete;
    latch& operator=(const latch&) = delete;

    /// Never waits. `count` is at most what is left.
    void count_down(std::size_t count = 1) noexcept {
        if (count == 0) return;
        const std::size_t before =
            left_.fetch_sub(count, std::memory_order_acq_rel);  // sync: latch.count
        AMPHI_ASSERT(before >= count);
        if (before == count) zero_.set();
    }

    /// Waits for zero. Cancellation: ends the wait, and counts nothing.
    [[nodiscard("co_await the wait")]] auto wait() noexcept { return zero_.wait(); }

    /// As `wait`, but gives up at `when`, or after `length`: throws `timed_out`.
    [[nodiscard("co_await the wait")]] auto wait_until(time_point when) {
        return zero_.wait_until(when);
    }
    [[nodiscard("co_await the wait")]] auto wait_for(auto length) { return zero_.wait_for(length); }

    [[nodiscard]] bool try_wait() noexcept { return zero_.try_wait(); }

    /// Counts down by one at once, and waits.
    [[nodiscard("co_await the wait")]] auto arrive_and_wait() noexcept {
        count_down();
        return wait();
    }

private:
    detail::atomic<std::size_t> left_;
    event zero_;
};

template <>
inline constexpr bool enable_shareable<latch> = true;

}  // namespace amphi
