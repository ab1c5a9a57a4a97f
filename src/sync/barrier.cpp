// SPDX-License-Identifier: BSL-1.0
#include <amphi/sync/barrier.hpp>

#include <amphi/base/assert.hpp>

namespace amphi {

bool barrier::try_complete() noexcept {
    detail::woken_later<detail::place_in_line> to_wake;
    const detail::lock_guard guard(lock_);
    if (arrived_ + 1 < expected_) return false;
    let_go(to_wake);
    return true;
}

bool barrier::complete_or_wait(detail::place_in_line& place) noexcept {
    detail::woken_later<detail::place_in_line> to_wake;
    const detail::lock_guard guard(lock_);
    if (arrived_ + 1 < expected_) {
        ++arrived_;
        line_.push_back(place);
        return false;
    }
    if (place.parked.claim() == detail::claim_result::lost) return false;
    let_go(to_wake);
    return true;
}

void barrier::withdraw(detail::place_in_line& place) noexcept {
    const detail::lock_guard guard(lock_);
    if (!place.is_linked()) return;
    line_.remove(place);
    --arrived_;
}

void barrier::arrive_and_drop() noexcept {
    detail::woken_later<detail::place_in_line> to_wake;
    const detail::lock_guard guard(lock_);
    AMPHI_ASSERT(expected_ > 0);  // No more drop out than take part.
    --expected_;
    if (arrived_ >= expected_ && arrived_ > 0) let_go(to_wake);
}

/// Ends the phase: one who was stopped just now had arrived too.
void barrier::let_go(detail::woken_later<detail::place_in_line>& to_wake) noexcept {
    while (to_wake.claim_first(line_) != nullptr) {
    }
    arrived_ = 0;
}

}  // namespace amphi
