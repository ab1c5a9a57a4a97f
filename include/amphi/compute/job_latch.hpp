// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/export.hpp>

#include <atomic>
#include <cstdint>

namespace amphi::detail {

class compute_worker;

/// Set once, when a job is over; one thread waits for it. That is a worker, which runs other jobs
/// meanwhile, or a thread from outside, which sleeps.
///
/// Lifetime: it stands on the stack of the one who waits, who may go on, and destroy it, as soon as
/// `set` has made its exchange.
class job_latch {
public:
    explicit job_latch(compute_worker* waiter) noexcept : waiter_(waiter) {}
    job_latch(const job_latch&) = delete;
    job_latch& operator=(const job_latch&) = delete;

    [[nodiscard]] bool is_set() const noexcept {
        return state_.load(std::memory_order_acquire) == set_already;  // sync: latch.state
    }

    AMPHI_EXPORT void set() noexcept;

    /// By a thread from outside: sleeps until it is set.
    AMPHI_EXPORT void wait_outside() noexcept;

    /// By the worker: from now on `set` wakes it. False when it is set.
    [[nodiscard]] bool begin_sleep() noexcept;
    /// By the worker, awake again.
    void end_sleep() noexcept;

private:
    // unset; awaited: unset, and the one who waits may be asleep; set_already, for good.
    static constexpr std::uint32_t unset = 0;
    static constexpr std::uint32_t awaited = 1;
    static constexpr std::uint32_t set_already = 2;

    compute_worker* const waiter_;
    atomic<std::uint32_t> state_{unset};
};

}  // namespace amphi::detail
