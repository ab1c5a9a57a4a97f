// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/blocking_pool.hpp>
#include <amphi/exec/callable.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/spawned.hpp>
#include <amphi/exec/thread_pool.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/waiter.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

/// A call whose arguments stay with the caller, who waits for it.
template <class F, class... Args>
struct borrowed_call {
    using stored = std::tuple<Args&&...>;
    using result = std::invoke_result_t<F&, Args&&...>;
    static result invoke(F& f, stored& arguments) {
        return std::apply(
            [&f](auto&... referred) -> result {
                return call_forwarded(f, static_cast<Args&&>(referred)...);
            },
            arguments
        );
    }
};

template <class F, class... Args>
consteval void check_borrowed_call() {
    static_assert(
        captureless<std::remove_cvref_t<F>>,
        "on(executor, f, args...) takes a callable without captures: pass the data as arguments, "
        "by "
        "reference, since the caller waits"
    );
    static_assert(
        (sendable<std::remove_cvref_t<Args>> && ...),
        "an argument of on(executor, f, args...) refers to something that is not sendable: opt in "
        "beside its class: template <> inline constexpr bool amphi::enable_sendable<T> = true;"
    );
    static_assert(
        sendable<result_of_run<std::invoke_result_t<F&, Args&&...>>>,
        "the result of on(executor, f, args...) is not sendable: return an owning value"
    );
}

/// A join that nothing cuts short: what it waits for refers to the caller's arguments.
template <class T>
class full_join : public operation<full_join<T>> {
public:
    static constexpr bool cancellable = false;

    explicit full_join(result_block<T>& block) noexcept : block_(block) {}

    [[nodiscard]] bool poll() const noexcept { return block_.done(); }
    void publish(ticket t) noexcept { block_.publish_joiner(t); }
    void withdraw() noexcept { block_.withdraw_joiner(); }
    void pass_on_deadline() noexcept { block_.pass_on_deadline(); }
    T result() { return block_.take(); }

private:
    result_block<T>& block_;
};

/// Throws when a stop was requested or the deadline has passed, and never waits.
class AMPHI_EXPORT checkpoint : public operation<checkpoint> {
public:
    [[nodiscard]] bool poll() const noexcept { return true; }
    void publish(ticket) const noexcept {}
    void withdraw() const noexcept {}
    void result() const noexcept {}
};

/// `start` begins the block elsewhere, or throws.
template <class Start, class F, class... Args>
task<result_of_run<std::invoke_result_t<F&, Args&&...>>>
call_elsewhere(Start start, const context& here, F& f, Args&&... args) {
    using call = borrowed_call<F, Args...>;
    using value = result_of_run<typename call::result>;
    const block_reference<result_block<value>> block(
        new spawned<F, call>(f, std::forward<Args>(args)...)
    );
    block->inherit(here);
    try {
        start(*block);
    } catch (...) {
        block->stop.detach();
        block->release();
        throw;
    }
    full_join<value> join(*block);
    co_return co_await join;
}

}  // namespace detail

/// Runs the coroutine function f on another executor for one call, and comes back with its value or
/// its exception. The arguments are passed by reference, since the caller waits.
/// Cancellation: passed on to f, which ends by it; the caller waits for that.
/// Throws `std::system_error` when it cannot be started there.
template <class F, class... Args>
task<detail::result_of_run<std::invoke_result_t<F&, Args&&...>>>
on(executor where, F f, Args&&... args) {
    detail::check_borrowed_call<F, Args...>();
    static_assert(
        detail::is_task_v<std::invoke_result_t<F&, Args&&...>>,
        "on(executor, f, args...) takes a coroutine function: a plain function could block a "
        "worker. "
        "on(threads, f, args...) takes one"
    );
    detail::checkpoint entered;
    co_await entered;
    const detail::context& here = co_await detail::current_where();
    detail::scheduler* const home = where.home();
    if (home == here.home)
        co_return co_await detail::call_forwarded(f, std::forward<Args>(args)...);
    const auto start = [home](detail::task_block& block) { detail::start_on(home, block); };
    co_return co_await detail::call_elsewhere(start, here, f, std::forward<Args>(args)...);
}

/// Runs f on a plain thread, where it may block: a plain function, or a coroutine function. A
/// caller on a plain thread just calls it, unless it asks for a stack or a name.
template <class F, class... Args>
task<detail::result_of_run<std::invoke_result_t<F&, Args&&...>>>
on(threads_executor where, F f, Args&&... args) {
    using returned = std::invoke_result_t<F&, Args&&...>;
    detail::check_borrowed_call<F, Args...>();
    detail::checkpoint entered;
    co_await entered;
    const detail::context& here = co_await detail::current_where();
    const bool any_thread = where.name() == nullptr && where.stack_bytes() == 0;
    const bool is_there = !here.suspends() && any_thread;
    const auto start = [&where, any_thread](detail::task_block& block) {
        if (!any_thread) detail::ask_for_thread(block, where);
        // A plain function waits for nobody's start, so it may wait for its own.
        if (any_thread && !detail::is_task_v<returned>)
            detail::start_blocking(block);
        else
            detail::start_on_plain_thread(block);
    };
    if constexpr (detail::is_task_v<returned>) {
        if (is_there) co_return co_await detail::call_forwarded(f, std::forward<Args>(args)...);
    } else {
        if (is_there) co_return detail::call_forwarded(f, std::forward<Args>(args)...);
    }
    co_return co_await detail::call_elsewhere(start, here, f, std::forward<Args>(args)...);
}

}  // namespace amphi
