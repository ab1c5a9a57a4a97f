// SPDX-License-Identifier: BSL-1.0
#include <amphi/sync/mutex_core.hpp>

#include <atomic>
#include <cstdint>

namespace amphi::detail {

void mutex_core::lock_or_wait(place_in_line& place) noexcept {
    const lock_guard guard(lock_);
    // What was free is ours, what was held is contended now: either way nobody unlocks it without
    // the lock that we hold.
    const std::uint32_t before =
        state_.exchange(contended, std::memory_order_acq_rel);  // sync: mutex.hold
    if (before != free) {
        line_.push_back(place);
        return;
    }
    // No line, since it was free.
    const bool taken = place.parked.claim() != claim_result::lost;
    state_.store(taken ? held : free, std::memory_order_release);  // sync: mutex.hold
}

void mutex_core::hand_over() noexcept {
    woken_later<place_in_line> to_wake;
    const lock_guard guard(lock_);
    std::uint32_t next = free;
    if (to_wake.claim_first(line_) != nullptr) next = line_.empty() ? held : contended;
    state_.store(next, std::memory_order_release);  // sync: mutex.hold
}

void mutex_core::withdraw(place_in_line& place) noexcept {
    const lock_guard guard(lock_);
    line_.remove(place);
}

}  // namespace amphi::detail
