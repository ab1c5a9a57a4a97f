// SPDX-License-Identifier: BSL-1.0
#include <amphi/time/interval.hpp>

#include <amphi/base/clock.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>

#include <stdexcept>

namespace amphi {

interval::interval(duration period, time_point first) : period_(period), next_(first) {
    if (period <= duration::zero())
        throw std::invalid_argument("the period of an interval must be positive");
}

task<> interval::tick() {
    co_await sleep_until(next_);
    const duration late = clock::now() - next_;
    next_ = saturating_add(next_, period_ * (late / period_ + 1));
}

}  // namespace amphi
