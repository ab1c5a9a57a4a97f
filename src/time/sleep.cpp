// SPDX-License-Identifier: BSL-1.0
#include <amphi/time/sleep.hpp>

#include <amphi/task/waiter.hpp>

namespace amphi::detail {

void sleep_operation::expire() noexcept {
    const ticket parked = kept();
    if (parked.claim() == claim_result::must_wake) parked.wake();
}

}  // namespace amphi::detail
