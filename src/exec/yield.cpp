// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/yield.hpp>

#include <amphi/task/context.hpp>
#include <amphi/task/promise.hpp>
#include <amphi/task/scheduler.hpp>

#include <sched.h>

namespace amphi::detail {

bool yield_operation::ready(const context& where) noexcept {
    if (!begin(where, true)) return true;
    if (where.suspends()) return false;
    ::sched_yield();
    return true;
}

bool yield_operation::suspend(promise_base& frame) noexcept {
    detach_from_stack(frame);
    where_->home->schedule_last(frame);
    return true;
}

void yield_operation::finish() const {
    if (outcome_ == outcome::stopped) throw_stopped();
}

}  // namespace amphi::detail
