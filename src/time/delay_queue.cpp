// SPDX-License-Identifier: BSL-1.0
#include <amphi/time/delay_queue.hpp>

#include <amphi/task/waiter.hpp>

#include <utility>

namespace amphi::detail {

void delay_line::wakes::add(delay_line& line) noexcept {
    while (place* const waiting = line.waiting_.pop_front())
        if (waiting->parked.claim() == claim_result::must_wake) claimed_.push_back(*waiting);
}

delay_line::wakes::~wakes() {
    // They cannot leave before they are woken, so their places still exist.
    while (place* const woken = claimed_.pop_front()) {
        const ticket parked = woken->parked;
        parked.wake();
    }
}

}  // namespace amphi::detail
