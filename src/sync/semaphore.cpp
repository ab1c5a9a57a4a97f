// SPDX-License-Identifier: BSL-1.0
#include <amphi/sync/semaphore.hpp>

#include <amphi/base/assert.hpp>

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
    std::size_t seen = state_.load(std::memory_order_relaxed);
    while ((seen & has_line) == 0) {
        AMPHI_ASSERT(count <= permits_max - seen);
        if (state_.compare_exchange_weak(
                seen,
                seen + count,
                std::memory_order_release,  // sync: semaphore.permits
                std::memory_order_relaxed
            ))
            return;
    }
    detail::woken_later<detail::permit_place> to_wake;
    const detail::lock_guard guard(lock_);
    // The line may have gone meanwhile; then others change the word beside us.
    seen = state_.fetch_add(count, std::memory_order_acq_rel);  // sync: semaphore.permits
    AMPHI_ASSERT(count <= permits_max - (seen & permits_max));
    grant(to_wake);
}

void semaphore::take_or_wait(detail::permit_place& place) noexcept {
    detail::woken_later<detail::permit_place> to_wake;
    const detail::lock_guard guard(lock_);
    line_.push_back(place);
    // From here on nobody takes a permit but under the lock.
    if ((state_.load(std::memory_order_relaxed) & has_line) == 0)
        state_.fetch_add(has_line, std::memory_order_acq_rel);  // sync: semaphore.permits
    grant(to_wake);
}

void semaphore::withdraw(detail::permit_place& place) noexcept {
    detail::woken_later<detail::permit_place> to_wake;
    const detail::lock_guard guard(lock_);
    if (!place.is_linked()) return;
    line_.remove(place);
    // Those behind may want less.
    grant(to_wake);
}

/// Gives permits to the line in turn, and takes the mark away when nobody is left in it.
void semaphore::grant(detail::woken_later<detail::permit_place>& to_wake) noexcept {
    while (detail::permit_place* const first = line_.front()) {
        const std::size_t free = state_.load(std::memory_order_relaxed) & permits_max;
        if (first->wanted > free) return;
        line_.remove(*first);
        // Taken before the claim, after which the place may be gone.
        const std::size_t taken = first->wanted;
        if (to_wake.claim(*first))
            state_.fetch_sub(taken, std::memory_order_acq_rel);  // sync: semaphore.permits
    }
    if ((state_.load(std::memory_order_relaxed) & has_line) != 0)
        state_.fetch_sub(has_line, std::memory_order_release);  // sync: semaphore.permits
}

}  // namespace amphi
