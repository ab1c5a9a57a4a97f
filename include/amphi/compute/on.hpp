// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/pool.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/task.hpp>

#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

template <class F, class... Args>
task<std::invoke_result_t<F&, Args&&...>> on_pool(scheduler& pool, F f, Args&&... args) {
    check_borrowed_call<F, Args...>();
    static_assert(
        !is_task_v<std::invoke_result_t<F&, Args&&...>>,
        "on(compute, f, args...) takes a plain function: a compute thread must not wait. Await "
        "what f needs before, and what it gives after"
    );
    checkpoint entered;
    co_await entered;
    const context& here = co_await current_where();
    const auto start = [&pool](task_block& block) { pool.start(block); };
    co_return co_await call_elsewhere(start, here, f, std::forward<Args>(args)...);
}

}  // namespace detail

/// Runs the plain function f on the compute pool and comes back with its value or its exception:
/// the seam between I/O and computing. On async no worker is blocked meanwhile. The arguments are
/// passed by reference, since the caller waits; f has no captures.
/// Cancellation: f sees it by `this_task::stop_requested()` and ends by itself; the caller waits
/// for that. Throws `std::system_error` when no thread can be started.
template <class F, class... Args>
task<std::invoke_result_t<F&, Args&&...>> on(const compute_executor& where, F f, Args&&... args) {
    return detail::on_pool(*where.home(), std::move(f), std::forward<Args>(args)...);
}

/// The same on a pool of your own.
template <class F, class... Args>
task<std::invoke_result_t<F&, Args&&...>> on(const compute_pool& where, F f, Args&&... args) {
    return detail::on_pool(*where.home(), std::move(f), std::forward<Args>(args)...);
}

}  // namespace amphi
