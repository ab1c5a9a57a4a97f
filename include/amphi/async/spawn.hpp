// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/callable.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/join_handle.hpp>
#include <amphi/exec/spawned.hpp>
#include <amphi/task/scheduler.hpp>

#include <utility>

namespace amphi {

namespace detail {

/// Starts a task that nobody waits for; its run's reference is released when that fails.
AMPHI_EXPORT void start_detached(task_block& block, scheduler* home);

/// The executor of the task that runs on this thread, else the default one.
[[nodiscard]] AMPHI_EXPORT scheduler* home_of_caller();

template <class T>
join_handle<T> begin_detached(scheduler* home, result_block<T>* made) {
    block_reference<result_block<T>> handle(made);
    start_detached(*handle, home);
    return join_handle<T>(std::move(handle));
}

template <class F, class... Args>
join_handle_of<F, Args...> spawn_detached(scheduler* home, F f, Args&&... args) {
    result_block<spawned_value<F, Args...>>* const made =
        make_spawned(std::move(f), std::forward<Args>(args)...);
    return begin_detached(home, made);
}

}  // namespace detail

/// Starts `f(args...)` as a daemon that belongs to no scope. The handle may be joined, by
/// `co_await` or `wait`, or dropped. Prefer a `scope`, which joins: what a daemon throws is
/// reported on standard error when nobody joins it, and a program that exits asks its daemons to
/// stop, gives them one second, and abandons the rest. Throws `std::system_error` when it cannot be
/// started.
template <class F, class... Args>
detail::join_handle_of<F, Args...> spawn_on(executor where, F f, Args&&... args) {
    detail::check_coroutine_function<F, Args...>();
    return detail::spawn_detached(where.home(), std::move(f), std::forward<Args>(args)...);
}

/// On plain threads a plain function may be spawned too.
template <class F, class... Args>
detail::join_handle_of<F, Args...> spawn_on(threads_executor where, F f, Args&&... args) {
    detail::result_block<detail::spawned_value<F, Args...>>* const made =
        detail::make_spawned_on(where, std::move(f), std::forward<Args>(args)...);
    return detail::begin_detached(nullptr, made);
}

/// `spawn_on` the executor of the calling task; outside of tasks, on `default_executor`.
template <class F, class... Args>
detail::join_handle_of<F, Args...> spawn(F f, Args&&... args) {
    detail::check_coroutine_function<F, Args...>();
    return detail::spawn_detached(
        detail::home_of_caller(), std::move(f), std::forward<Args>(args)...
    );
}

}  // namespace amphi
