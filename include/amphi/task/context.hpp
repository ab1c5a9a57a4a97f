// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>

namespace amphi::detail {

class scheduler;
class stop_state;
class task_block;

/// What a task knows about where it runs and how long it may. It is reached by a pointer in every
/// promise and never passed through signatures. `scope` and `timeout` make narrowed ones.
/// Written before the first frame that refers to it runs, then only read.
struct context {
    stop_state* stop = nullptr;     ///< where a cancel comes from; null: it never comes
    time_point deadline = never;    ///< the nearest deadline of all enclosing timeouts
    const void* timeout = nullptr;  ///< the timeout that set `deadline`
    task_block* block = nullptr;    ///< the spawned task that this is part of; null: outside of any
    scheduler* home = nullptr;  ///< resumes what suspends here; null: a plain thread, which blocks

    /// The two lives: whether an operation suspends its coroutine or blocks its plain thread.
    [[nodiscard]] bool suspends() const noexcept { return home != nullptr; }
};

}  // namespace amphi::detail
