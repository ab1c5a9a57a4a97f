// SPDX-License-Identifier: BSL-1.0
#include <amphi/time/sleep.hpp>

namespace amphi::detail {

void sleep_operation::expire() noexcept {
    if (parked_.claim() == claim_result::must_wake) parked_.wake();
}

}  // namespace amphi::detail
