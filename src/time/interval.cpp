// SPDX-License-Identifier: BSL-1.0
#include <amphi/time/interval.hpp>

#include <amphi/base/clock.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>

#include <stdexcept>

namespace amphi {

interval::interval(duration period, time_point first, missed_ticks missed)
    : period_(period)
    , next_(first)
    , missed_(missed) {
    if (period <= duration::zero())
        throw std::invalid_argument("the period of an interval must be positive");
}

task<> interval::tick() {
    co_await sleep_until(next_);
    const time_point now = clock::now();
    switch (missed_) {
    case missed_ticks::skip: {
        // Of what has passed since the tick was due, what lies beyond the grid's last point.
        const duration beyond = (now - next_) % period_;
        next_ = saturating_add(now - beyond, period_);
        break;
    }
    case missed_ticks::burst:
        next_ = saturating_add(next_, period_);
        break;
    case missed_ticks::delay:
        next_ = saturating_add(now, period_);
        break;
    }
}

}  // namespace amphi
