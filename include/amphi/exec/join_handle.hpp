// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/block.hpp>
#include <amphi/exec/spawned.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/waiter.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace amphi {

template <class T>
class join_handle;

namespace detail {

template <class T>
class join_operation : public operation<join_operation<T>> {
public:
    explicit join_operation(result_block<T>& block) noexcept : block_(block) {}

    [[nodiscard]] bool poll() const noexcept { return block_.done(); }
    void publish(ticket t) noexcept { block_.publish_joiner(t); }
    void withdraw() noexcept { block_.withdraw_joiner(); }
    T result() { return block_.take(); }

private:
    result_block<T>& block_;
};

}  // namespace detail

/// A spawned task, seen by whoever wants its result. Dropping it neither stops the task nor waits.
///
/// Threads: one owner; the task may run anywhere.
template <class T = void>
class join_handle {
public:
    explicit join_handle(detail::block_reference<detail::result_block<T>> block) noexcept
        : block_(std::move(block)) {}

    /// Waits for the task's end and yields its result, or throws what left it: once, then
    /// `std::logic_error`. Also for a child of a scope, whose failure cancels its siblings in any
    /// case.
    /// Cancellation: the wait ends, the task goes on; call `join` again.
    [[nodiscard("co_await the join")]] detail::join_operation<T> join() noexcept {
        return detail::join_operation<T>(*block_);
    }

    /// Whether the task has ended, so that `join` would not wait.
    [[nodiscard]] bool done() const noexcept { return block_->done(); }

    /// The task's number, as `this_task::id` says in it, also after its end.
    [[nodiscard]] std::uint64_t id() const { return block_->id(); }

    /// The task's name, as `this_task::set_name` or `threads.name(...)` gave it, also after its
    /// end; empty without.
    [[nodiscard]] std::string name() const { return block_->name(); }

    /// Asks the task to stop: its awaits throw `operation_cancelled`. Does not wait.
    void request_stop() noexcept { block_->stop.request(detail::stop_reason::cancel); }

private:
    detail::block_reference<detail::result_block<T>> block_;
};

namespace detail {

template <class F, class... Args>
using join_handle_of = join_handle<spawned_value<F, Args...>>;

}  // namespace detail

template <class T>
inline constexpr bool enable_sendable<join_handle<T>> = sendable<T>;

}  // namespace amphi
