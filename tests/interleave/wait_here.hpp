// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/context.hpp>
#include <amphi/task/operation.hpp>

#include "interleave/explore.hpp"

namespace amphi::testing {

/// Waits for an operation on this thread of a scenario, as a task that `where` describes.
template <class Operation>
decltype(auto)
wait_here(Operation&& op, const detail::context& where = detail::outside_of_tasks()) {
    check(op.ready(where), "a plain thread does not suspend");
    return op.finish();
}

}  // namespace amphi::testing
