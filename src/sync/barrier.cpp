// SPDX-License-Identifier: BSL-1.0
#include <amphi/sync/barrier.hpp>

#include <amphi/base/assert.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/sync/wait_line.hpp>
#include <amphi/task/waiter.hpp>

namespace amphi {

bool barrier::try_complete() noexcept {
    detail::woken_later<detail::place_in_line> to_wake;
    const detail::lock_guard guard(lock_);
    if (arrived_ + 1 < expected_) return false;
    let_go(to_wake);
    return true;
}

barrier::arrival barrier::complete_or_wait(detail::place_in_line& place) noexcept {
    detail::woken_later<detail::place_in_line> to_wake;
    const detail::lock_guard guard(lock_);
    if (arrived_ + 1 < expected_) {
        ++arrived_;
        line_.push_back(place);
        return arrival::waits;
    }
    if (place.parked.claim() == detail::claim_result::lost) return arrival::none;
    let_go(to_wake);
    return arrival::last;
}

bool barrier::take_back(detail::place_in_line& place) noexcept {
    const detail::lock_guard guard(lock_);
    if (!place.is_linked()) return false;
    line_.remove(place);
    --arrived_;
    return true;
}

void barrier::arrive_and_drop() noexcept {
    detail::woken_later<detail::place_in_line> to_wake;
    const detail::lock_guard guard(lock_);
    AMPHI_ASSERT(expected_ > 0);  // No more drop out than take part.
    --expected_;
    if (arrived_ >= expected_ && arrived_ > 0) let_go(to_wake);
}

/// Ends the phase. One who was stopped just now had arrived too, and will find that out when it
/// wants to take that back.
void barrier::let_go(detail::woken_later<detail::place_in_line>& to_wake) noexcept {
    while (to_wake.claim_first(line_) != nullptr) {
    }
    arrived_ = 0;
}

}  // namespace amphi
