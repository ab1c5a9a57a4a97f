// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/callable.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/join_handle.hpp>
#include <amphi/exec/scope_core.hpp>
#include <amphi/exec/spawned.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/waiter.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace amphi {

namespace detail {

/// Waits for room in the scope, then starts a child.
template <class T>
class spawn_operation : public operation<spawn_operation<T>> {
public:
    spawn_operation(scope_core& scope, scheduler* home, result_block<T>* child) noexcept
        : scope_(scope)
        , home_(home)
        , child_(child) {}

    [[nodiscard]] bool poll() noexcept { return scope_.try_enter(); }
    void publish(ticket t) noexcept { scope_.enter_or_wait(place_, t); }
    void withdraw() noexcept { scope_.withdraw(place_); }
    [[nodiscard]] join_handle<T> result() { return join_handle<T>(child_.start_in(scope_, home_)); }

private:
    scope_core& scope_;
    scheduler* home_;
    unstarted<T> child_;
    permit_waiter place_;
};

}  // namespace detail

/// What the body of a `scope` spawns into. No task spawned in it outlives the scope: it joins them
/// all before it ends; the first failure asks the others to stop and is thrown after the join.
///
/// Threads: its members may be called by the body and, through a reference, by the children.
class task_scope {
public:
    explicit task_scope(const detail::context& outer) noexcept : core_(outer) {}

    /// From now on `spawn` waits while `running_max` children are running; zero: no limit. Those
    /// who wait already are admitted as far as there is room now.
    void limit(std::size_t running_max) noexcept { core_.limit(running_max); }

    /// Starts `f(args...)` as a concurrent task on the executor that the scope runs on. f is a
    /// coroutine function without captures; the arguments are stored as the types of its
    /// parameters. Yields a `join_handle<T>`, which may be dropped. Throws `std::system_error` when
    /// no thread can be started; the task then never ran. Cancellation: a wait for room ends, and
    /// nothing was started.
    template <class F, class... Args>
    [[nodiscard("co_await the spawn")]] auto spawn(F f, Args&&... args) {
        return spawn_in(core_.where().home, std::move(f), std::forward<Args>(args)...);
    }

    /// As `spawn`, on an executor of its own.
    template <class F, class... Args>
    [[nodiscard("co_await the spawn")]] auto spawn_on(executor where, F f, Args&&... args) {
        return spawn_in(where.home(), std::move(f), std::forward<Args>(args)...);
    }

    /// On plain threads a plain function may be spawned too.
    template <class F, class... Args>
    [[nodiscard("co_await the spawn")]] auto spawn_on(threads_executor where, F f, Args&&... args) {
        using value = detail::spawned_value<F, Args...>;
        return detail::spawn_operation<value>(
            core_,
            nullptr,
            detail::make_spawned_on(where, std::move(f), std::forward<Args>(args)...)
        );
    }

    /// Asks every child, and the body, to stop.
    void request_stop() noexcept { core_.request_stop(); }

    /// For the body alone: waits until no child is running. Those may spawn others meanwhile.
    /// Cancellation: the wait ends.
    [[nodiscard("co_await it")]] detail::scope_idle idle() noexcept {
        return detail::scope_idle(core_);
    }

    /// How many children are running now.
    [[nodiscard]] std::size_t running() const noexcept { return core_.running(); }

    /// The failures after the first one, so far.
    [[nodiscard]] std::vector<std::exception_ptr> further_failures() const {
        return core_.further_failures();
    }

    /// For the library's verbs.
    [[nodiscard]] detail::scope_core& core() noexcept { return core_; }

private:
    template <class F, class... Args>
    [[nodiscard]] auto spawn_in(detail::scheduler* home, F f, Args&&... args) {
        detail::check_coroutine_function<F, Args...>();
        using value = detail::spawned_value<F, Args...>;
        return detail::spawn_operation<value>(
            core_, home, detail::make_spawned(std::move(f), std::forward<Args>(args)...)
        );
    }

    detail::scope_core core_;
};

/// A block that no task spawned inside outlives:
///
///     co_await scope([](task_scope& jobs, const auto& urls) -> task<> {
///         for (const auto& url : urls)
///             co_await jobs.spawn(download, url);
///     }, urls);
///
/// Awaited in place, so the body may take references to what lives outside. Ends when the body and
/// every child have ended; yields the body's value, or throws the first failure, which has asked
/// the others to stop. Cancellation: passed on to the body and the children; the join itself is not
/// cut short.
template <class Body, class... Args>
auto scope(Body&& body, Args&&... args) -> std::invoke_result_t<Body&, task_scope&, Args&...> {
    detail::check_awaited_in_place<Body>();
    using value = detail::result_of_run<std::invoke_result_t<Body&, task_scope&, Args&...>>;
    const detail::context& outer = co_await detail::current_where();
    task_scope jobs(outer);
    std::optional<std::conditional_t<std::is_void_v<value>, detail::nothing, value>> result;
    try {
        detail::task_in<value> inside(
            detail::task_access::release(body(jobs, args...)), jobs.core().where()
        );
        if constexpr (std::is_void_v<value>)
            co_await std::move(inside);
        else
            result.emplace(co_await std::move(inside));
    } catch (...) {
        jobs.core().body_ended_by(std::current_exception());
    }
    detail::scope_join join(jobs.core());
    co_await join;
    // Children that a stop from outside has ended did not do their work, so the scope did not
    // either. After a `request_stop` of this scope alone that is what was asked for.
    const bool result_missing = !std::is_void_v<value> && !result;
    jobs.core().throw_failure(result_missing || detail::stop_requested(outer), outer);
    if constexpr (!std::is_void_v<value>) co_return std::move(*result);
}

}  // namespace amphi
