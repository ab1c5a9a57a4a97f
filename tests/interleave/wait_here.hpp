// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/operation.hpp>

#include "interleave/explore.hpp"

#include <chrono>

namespace amphi::testing {

/// Waits for an operation on this thread of a scenario, as a task that `where` describes.
template <class Operation>
decltype(auto)
wait_here(Operation&& op, const detail::context& where = detail::outside_of_tasks()) {
    check(op.ready(where), "a plain thread does not suspend");
    return op.finish();
}

/// A plain thread's task with a deadline: in a run its time may come at any moment.
inline detail::context with_deadline() {
    detail::context where;
    where.deadline = clock::now() + std::chrono::hours(1);
    return where;
}

}  // namespace amphi::testing
