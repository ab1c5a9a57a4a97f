// SPDX-License-Identifier: BSL-1.0
#include <amphi/time/timeout.hpp>

#include <amphi/base/clock.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/stop.hpp>

namespace amphi::detail {

limited_context::limited_context(const context& outer, time_point deadline, outer_stops stops)
    : where_(outer) {
    const bool masked = stops == outer_stops::masked;
    where_.stop = &stop_;
    if (!masked) stop_.attach(outer.stop);
    if (!masked && outer.deadline <= deadline)
        return;  // The one outside comes first, and reaches us through its stop.
    where_.deadline = deadline;
    where_.timeout = this;
    if (outer.suspends() && deadline != never) arm(deadline);
}

limited_context::~limited_context() {
    disarm();
}

void limited_context::expire() noexcept {
    stop_.request(stop_reason::deadline, this);
}

}  // namespace amphi::detail
