// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/task/scheduler.hpp>

namespace amphi::detail {

/// Something to run on a plain thread.
struct thread_job {
    void (*entry)(void*) = nullptr;
    void* argument = nullptr;
};

/// Runs `job` on a plain thread of its own: an idle one, or a new one; it never queues, since a
/// task that waits for another's start could wait for ever. Throws `std::system_error`, naming the
/// limit, when no thread can be started; then the job has not begun.
///
/// Threads whose job has ended wait a little collection of idle ones without a timeout: they cost
/// their stack's touched pages, no wake-ups.
AMPHI_EXPORT void start_on_plain_thread(thread_job job);

/// The same for a spawned task; one that asks for a stack gets a thread of its own.
AMPHI_EXPORT void start_on_plain_thread(task_block& block);

/// Before the start: what its thread shall be like.
AMPHI_EXPORT void ask_for_thread(task_block& block, const threads_executor& like);

/// Begins `block` on the executor of `home`; null is the plain threads.
inline void start_on(scheduler* home, task_block& block) {
    if (home != nullptr)
        home->start(block);
    else
        start_on_plain_thread(block);
}

}  // namespace amphi::detail
