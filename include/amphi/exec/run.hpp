// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/error.hpp>
#include <amphi/base/export.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/callable.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/spawned.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/task.hpp>

#include <utility>

namespace amphi {

namespace detail {

/// Runs the block on `home` (null: this thread) and blocks until it is done. Throws when it cannot
/// be started; the run's reference is released then.
AMPHI_EXPORT void run_to_the_end(task_block& block, scheduler* home);

}  // namespace detail

/// The door from synchronous code: runs `f(args...)` on `where`, blocks the caller until it is
/// done, and returns its value or throws what left it. On `threads` it runs on the calling thread.
///
/// Threads: any; may be called again, from several threads, and inside a task on plain threads,
/// whose stop and deadline then apply. Throws `would_block_worker` on an async worker: there, use
/// `co_await`. An exception that nobody catches prints the chain of awaits that it came through.
template <class F, class... Args>
detail::spawned_value<F, Args...> run(executor where, F f, Args&&... args) {
    static_assert(
        detail::is_task_v<typename detail::owned_call_of<F, Args...>::result>,
        "run takes a coroutine function, one that returns task<T>: a plain one can just be called"
    );
    using value = detail::spawned_value<F, Args...>;
    if (detail::current_context().suspends()) throw would_block_worker("amphi::run");
    const detail::block_reference<detail::result_block<value>> block(
        detail::make_spawned(std::move(f), std::forward<Args>(args)...)
    );
    detail::run_to_the_end(*block, where.home());
    return block->take();
}

}  // namespace amphi
