// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/job_latch.hpp>

#include <amphi/base/futex.hpp>
#include <amphi/compute/worker.hpp>

#include <atomic>
#include <cstdint>

namespace amphi::detail {

void job_latch::set() noexcept {
    compute_worker* const waiter = waiter_;
    const atomic<std::uint32_t>* const word = &state_;
    const std::uint32_t before =
        state_.exchange(set_already, std::memory_order_acq_rel);  // sync: latch.state
    // From here on the latch may be gone.
    if (before != awaited) return;
    if (waiter != nullptr)
        waiter->wake();
    else
        futex_wake(word, 1);
}

bool job_latch::begin_sleep() noexcept {
    std::uint32_t expected = unset;
    return state_.compare_exchange_strong(
        expected,
        awaited,
        std::memory_order_acquire,  // sync: latch.state
        std::memory_order_acquire   // sync: latch.state
    );
}

void job_latch::end_sleep() noexcept {
    std::uint32_t expected = awaited;
    (void)state_.compare_exchange_strong(
        expected,
        unset,
        std::memory_order_acquire,  // sync: latch.state
        std::memory_order_acquire   // sync: latch.state
    );
}

void job_latch::wait_outside() noexcept {
    if (!begin_sleep()) return;
    while (!is_set())
        futex_wait(state_, awaited);
}

}  // namespace amphi::detail
