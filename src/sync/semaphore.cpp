// SPDX-License-Identifier: BSL-1.0
#include <amphi/sync/semaphore.hpp>

#include <amphi/base/assert.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/sync/wait_line.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace amphi {

bool semaphore::try_take(std::size_t count) noexcept {
    std::size_t seen = state_.load(std::memory_order_relaxed);
    while ((seen & has_line) == 0 && seen >= count) {
        if (state_.compare_exchange_weak(
                seen,
                seen - count,
                std::memory_order_acquire,  // sync: semaphore.permits
                std::memory_order_relaxed
            ))
            return true;
    }
    return false;
}

void semaphore::release(std::size_t count) noexcept {
    while (count != 0 && !try_give(count))
        count = give_to_line(count);
}

/// False when somebody seems to wait. Else the semaphore is not touched afterwards: whoever gets
/// the permits may destroy it.
bool semaphore::try_give(std::size_t count) noexcept {
    std::size_t seen = state_.load(std::memory_order_relaxed);
    while ((seen & has_line) == 0) {
        AMPHI_ASSERT(count <= permits_max - seen);
        if (state_.compare_exchange_weak(
                seen,
                seen + count,
                std::memory_order_release,  // sync: semaphore.permits
                std::memory_order_relaxed
            ))
            return true;
    }
    return false;
}

/// Returns how many are left for those who come without waiting. They are given outside of the
/// lock: who finds them does not take it.
std::size_t semaphore::give_to_line(std::size_t count) noexcept {
    detail::woken_later<detail::permit_place> to_wake;
    const detail::lock_guard guard(lock_);
    if ((state_.load(std::memory_order_relaxed) & has_line) == 0) return count;
    const std::size_t before =
        state_.fetch_add(count, std::memory_order_acq_rel);  // sync: semaphore.permits
    AMPHI_ASSERT(count <= permits_max - (before & permits_max));
    if (!grant(to_wake)) return 0;
    const std::size_t left = std::min(count, state_.load(std::memory_order_relaxed) & permits_max);
    state_.fetch_sub(has_line + left, std::memory_order_release);  // sync: semaphore.permits
    return left;
}

void semaphore::take_or_wait(detail::permit_place& place) noexcept {
    detail::woken_later<detail::permit_place> to_wake;
    const detail::lock_guard guard(lock_);
    line_.push_back(place);
    // From here on nobody takes a permit but under the lock.
    if ((state_.load(std::memory_order_relaxed) & has_line) == 0)
        state_.fetch_add(has_line, std::memory_order_acq_rel);  // sync: semaphore.permits
    if (grant(to_wake))
        state_.fetch_sub(has_line, std::memory_order_release);  // sync: semaphore.permits
}

void semaphore::withdraw(detail::permit_place& place) noexcept {
    detail::woken_later<detail::permit_place> to_wake;
    const detail::lock_guard guard(lock_);
    if (!place.is_linked()) return;
    line_.remove(place);
    // Those behind may want less.
    if (grant(to_wake))
        state_.fetch_sub(has_line, std::memory_order_release);  // sync: semaphore.permits
}

/// Gives permits to the line in turn. True when nobody is left in it: then the mark is to go.
bool semaphore::grant(detail::woken_later<detail::permit_place>& to_wake) noexcept {
    while (detail::permit_place* const first = line_.front()) {
        const std::size_t free = state_.load(std::memory_order_relaxed) & permits_max;
        if (first->wanted > free) return false;
        line_.remove(*first);
        // Taken before the claim, after which the place may be gone.
        const std::size_t taken = first->wanted;
        if (to_wake.claim(*first))
            state_.fetch_sub(taken, std::memory_order_acq_rel);  // sync: semaphore.permits
    }
    return true;
}

}  // namespace amphi
