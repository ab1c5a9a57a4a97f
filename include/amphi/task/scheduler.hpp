// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace amphi::detail {

class promise_base;
class stop_state;
class task_block;

/// The seam between the language and an executor that suspends: what a waker and a new task need.
class scheduler {
public:
    /// Puts a suspended coroutine back to run, from any thread. The coroutine may be running, and
    /// gone, before this returns.
    virtual void schedule(promise_base& frame) noexcept = 0;

    /// By the task itself, which runs on the executor and is about to suspend: as `schedule`, but
    /// behind everything that is runnable now.
    virtual void schedule_last(promise_base& frame) noexcept = 0;

    /// Begins a spawned task, or throws; then the task has not begun.
    virtual void start(task_block& block) = 0;

    /// By `run`, which has started `awaited` here and would block this thread until it is done:
    /// true when the executor has no thread of its own and has run it, and all else, on this one.
    [[nodiscard]] virtual bool run_on_caller(task_block& /*awaited*/) noexcept { return false; }

    /// Above the tasks that belong to no scope: requested when the executor ends, which waits for
    /// them. Null: the executor ends with the program.
    [[nodiscard]] virtual stop_state* daemon_stop() noexcept = 0;

protected:
    ~scheduler() = default;
};

}  // namespace amphi::detail
