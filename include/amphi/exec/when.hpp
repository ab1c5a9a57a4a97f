// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/block.hpp>
#include <amphi/exec/callable.hpp>
#include <amphi/exec/scope_core.hpp>
#include <amphi/exec/spawned.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/waiter.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace amphi {

namespace detail {

/// A branch of `when_all` or `when_any` that has not begun.
template <class T>
class branch {
public:
    explicit branch(result_block<T>* block) noexcept : task_(block) {}
    [[nodiscard]] unstarted<T>& task() noexcept { return task_; }

private:
    unstarted<T> task_;
};

template <class T>
using branch_value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
branch_value<T> take_branch(result_block<T>& block) {
    if constexpr (std::is_void_v<T>) {
        block.take();
        return {};
    } else {
        return block.take();
    }
}

/// Waits until the first of several tasks is done; its result says which.
template <std::size_t Count>
class first_done : public operation<first_done<Count>> {
public:
    explicit first_done(const std::array<task_block*, Count>& blocks) noexcept : blocks_(blocks) {}

    [[nodiscard]] bool poll() noexcept {
        for (first_ = 0; first_ < Count; ++first_)
            if (blocks_[first_]->done()) return true;
        return false;
    }
    void publish(ticket t) noexcept {
        for (std::size_t i = 0; i < Count; ++i)
            blocks_[i]->publish_joiner(t.as(static_cast<waiter::source>(i)));
    }
    void withdraw() noexcept {
        for (task_block* block : blocks_)
            block->withdraw_joiner();
    }
    [[nodiscard]] std::size_t result() const noexcept {
        return first_ < Count ? first_ : this->waiter_.claimed_by();
    }

private:
    static_assert(Count > 0 && Count < waiter::stop_source);
    std::array<task_block*, Count> blocks_;
    std::size_t first_ = Count;
};

/// Starts the branches as children of `scope`, on the executor that it is on; a failure to start
/// one is the scope's failure.
template <class... T>
[[nodiscard]] auto start_branches(scope_core& scope, branch<T>&... branches) {
    std::tuple<std::optional<block_reference<result_block<T>>>...> handles;
    const auto start = [&scope](auto& handle, auto& branch) {
        (void)scope.try_enter();  // Without a limit there is always room.
        handle.emplace(branch.task().start_in(scope, scope.where().home));
    };
    try {
        std::apply([&](auto&... handle) { (start(handle, branches), ...); }, handles);
    } catch (...) {
        scope.body_ended_by(std::current_exception());
    }
    return handles;
}

}  // namespace detail

/// A branch for `when_all` and `when_any`: f(args...), a coroutine function without captures, with
/// the arguments that it owns. It begins when the `when` is awaited.
template <class F, class... Args>
[[nodiscard]] detail::branch<detail::spawned_value<F, Args...>> call(F f, Args&&... args) {
    static_assert(
        detail::is_task_v<typename detail::owned_call_of<F, Args...>::result>,
        "call takes a coroutine function, one that returns task<T>"
    );
    return detail::branch<detail::spawned_value<F, Args...>>(
        detail::make_spawned(std::move(f), std::forward<Args>(args)...)
    );
}

/// Runs all branches concurrently on the caller's executor (on plain threads each has a thread) and
/// yields a tuple of their values, `std::monostate` for void. The first failure asks the others to
/// stop and is thrown when all have ended.
/// Cancellation: passed on to the branches.
template <class... T>
task<std::tuple<detail::branch_value<T>...>> when_all(detail::branch<T>... branches) {
    const detail::context& outer = co_await detail::current_where();
    detail::scope_core scope(outer);
    auto handles = detail::start_branches(scope, branches...);
    detail::scope_join join(scope);
    co_await join;
    scope.throw_failure(true, outer);
    co_return std::apply(
        [](auto&... handle) {
            return std::tuple<detail::branch_value<T>...>{detail::take_branch(**handle)...};
        },
        handles
    );
}

/// Runs all branches concurrently and yields the value of the first that is done, as a variant
/// whose index says which; the others are asked to stop, and have ended when this returns. A
/// failure of any branch, also of one that was too late, is thrown. Cancellation: passed on to the
/// branches.
template <class... T>
task<std::variant<detail::branch_value<T>...>> when_any(detail::branch<T>... branches) {
    const detail::context& outer = co_await detail::current_where();
    detail::scope_core scope(outer);
    auto handles = detail::start_branches(scope, branches...);
    std::optional<std::size_t> winner;
    try {
        const bool all_started =
            std::apply([](auto&... handle) { return (handle.has_value() && ...); }, handles);
        if (all_started) {
            const std::array<detail::task_block*, sizeof...(T)> blocks = std::apply(
                [](auto&... handle) {
                    return std::array<detail::task_block*, sizeof...(T)>{handle->get()...};
                },
                handles
            );
            detail::first_done<sizeof...(T)> first(blocks);
            winner.emplace(co_await first);
        }
    } catch (...) {
        scope.body_ended_by(std::current_exception());
    }
    scope.request_stop();
    detail::scope_join join(scope);
    co_await join;
    scope.throw_failure(!winner, outer);
    std::optional<std::variant<detail::branch_value<T>...>> result;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (void)((I == *winner &&
                (result.emplace(
                     std::in_place_index<I>, detail::take_branch(**std::get<I>(handles))
                 ),
                 true)) ||
               ...);
    }(std::index_sequence_for<T...>());
    co_return std::move(*result);
}

}  // namespace amphi
