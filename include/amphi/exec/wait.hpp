// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/error.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/operation.hpp>

#include <type_traits>

namespace amphi {

/// Waits for one operation from a plain function (a callback, a main without tasks): blocks this
/// thread. Inside a task on plain threads the task's stop and deadline apply.
/// Throws `would_block_worker` on an async worker: there, `co_await` the operation.
template <class Operation>
    requires detail::is_operation<std::remove_cvref_t<Operation>>
decltype(auto) wait(Operation&& op) {
    const detail::context& where = detail::current_context();
    if (where.suspends()) throw would_block_worker("amphi::wait");
    (void)op.ready(where);  // A plain thread waits in here.
    return op.finish();
}

}  // namespace amphi
