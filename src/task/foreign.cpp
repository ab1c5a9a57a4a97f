// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/foreign.hpp>

#include <amphi/base/lock.hpp>
#include <amphi/task/waiter.hpp>

namespace amphi::detail {

void foreign_end::reach() noexcept {
    ticket to_wake;
    {
        const lock_guard guard(lock_);
        reached_ = true;
        if (waiting_ && waiting_.claim() == claim_result::must_wake) to_wake = waiting_;
    }
    if (to_wake) to_wake.wake();
}

bool foreign_end::is_reached() const noexcept {
    const lock_guard guard(lock_);
    return reached_;
}

void foreign_end::publish(ticket t) noexcept {
    const lock_guard guard(lock_);
    waiting_ = t;
    if (reached_) (void)t.claim();
}

void foreign_end::withdraw() noexcept {
    const lock_guard guard(lock_);
    waiting_ = {};
}

}  // namespace amphi::detail
