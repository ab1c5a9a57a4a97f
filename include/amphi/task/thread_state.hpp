// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <cstdint>

namespace amphi::detail {

struct context;
class promise_base;
class task_block;

/// What the library keeps for each thread. Reached only through `this_thread()`, which is never
/// inlined: a compiler may keep a thread-local's address across a suspension, and the coroutine may
/// wake on another thread.
struct thread_state {
    /// Of the code that runs now; null on a thread that runs no task.
    const context* current = nullptr;
    /// The trampoline: what a task that finished detached from the native stack hands to the loop.
    /// Set at most once between two turns of the loop that resumes.
    promise_base* next = nullptr;
    /// The spawned task whose outermost frame has just finished, for the loop to complete.
    promise_base* finished = nullptr;
    /// Below this address an awaited child is handed to the loop. Zero: never (a plain thread).
    std::uintptr_t stack_low = 0;
    /// Operations that may still complete at once before this turn must yield.
    std::uint32_t budget = 0;
    /// The async worker that runs on this thread.
    void* worker = nullptr;
    /// The worker of a compute pool that this thread is.
    void* compute_worker = nullptr;
    /// An eventfd that wakes this thread from ppoll(2); -1 until first needed.
    int wake_descriptor = -1;
};

[[nodiscard]] AMPHI_EXPORT thread_state& this_thread() noexcept;

/// The eventfd by which this thread is woken from ppoll(2), made at the first call. Throws
/// `std::system_error`.
[[nodiscard]] AMPHI_EXPORT int wake_descriptor_of_this_thread();

}  // namespace amphi::detail
