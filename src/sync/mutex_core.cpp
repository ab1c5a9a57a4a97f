// SPDX-License-Identifier: BSL-1.0
#include <amphi/sync/mutex_core.hpp>

#include <amphi/base/lock.hpp>
#include <amphi/sync/wait_line.hpp>
#include <amphi/task/waiter.hpp>

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
    while (!hand_to_first() && !try_unlock()) {
    }
}

/// False when nobody waits any more. Then it stays ours, to be unlocked outside of the lock: who
/// finds it free does not take the lock, and may destroy it at once.
bool mutex_core::hand_to_first() noexcept {
    woken_later<place_in_line> to_wake;
    const lock_guard guard(lock_);
    const bool handed = to_wake.claim_first(line_) != nullptr;
    state_.store(line_.empty() ? held : contended, std::memory_order_release);  // sync: mutex.hold
    return handed;
}

void mutex_core::withdraw(place_in_line& place) noexcept {
    const lock_guard guard(lock_);
    line_.remove(place);
}

}  // namespace amphi::detail
