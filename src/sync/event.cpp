// SPDX-License-Identifier: BSL-1.0
#include <amphi/sync/event.hpp>

#include <amphi/base/lock.hpp>
#include <amphi/sync/wait_line.hpp>
#include <amphi/task/waiter.hpp>

#include <atomic>

namespace amphi {

bool event::try_wait() noexcept {
    if (!is_set()) return false;
    // Whoever set it is through with the event once it is out of its lock.
    const detail::lock_guard guard(lock_);
    if (!is_set_.load(std::memory_order_relaxed)) return false;
    if (kind_ == event_kind::auto_reset) is_set_.store(false, std::memory_order_relaxed);
    return true;
}

void event::set() noexcept {
    detail::woken_later<detail::place_in_line> to_wake;
    const detail::lock_guard guard(lock_);
    if (kind_ == event_kind::auto_reset) {
        if (to_wake.claim_first(line_) != nullptr) return;
    } else {
        while (to_wake.claim_first(line_) != nullptr) {
        }
    }
    is_set_.store(true, std::memory_order_release);  // sync: event.set
}

void event::reset() noexcept {
    const detail::lock_guard guard(lock_);
    is_set_.store(false, std::memory_order_relaxed);
}

void event::take_or_wait(detail::place_in_line& place) noexcept {
    const detail::lock_guard guard(lock_);
    if (!is_set_.load(std::memory_order_relaxed)) {
        line_.push_back(place);
        return;
    }
    if (place.parked.claim() == detail::claim_result::lost) return;
    if (kind_ == event_kind::auto_reset) is_set_.store(false, std::memory_order_relaxed);
}

void event::withdraw(detail::place_in_line& place) noexcept {
    const detail::lock_guard guard(lock_);
    line_.remove(place);
}

}  // namespace amphi
