// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/assert.hpp>
#include <amphi/task/promise.hpp>
#include <amphi/task/thread_state.hpp>
#include <amphi/task/trace.hpp>

#include "state_of_this_thread.hpp"

#include <atomic>
#include <cstdint>
#include <exception>
#include <source_location>

namespace amphi::detail {

namespace {

// Too deep for a worker's stack: everything up to here counts as suspended, and the loop goes on
// with the child from the bottom of the stack.
[[gnu::noinline, gnu::cold]] bool resume_from_loop(promise_base& child) noexcept {
    thread_state& self = state_of_this_thread;
    detach_from_stack(*child.parent);
    AMPHI_ASSERT(self.next == nullptr && self.finished == nullptr);
    self.next = &child;
    return true;
}

}  // namespace

// Never inlined: the flag must live on the native stack, and a compiler that sees through
// await_suspend may put it into the frame, which can be gone by the time it is read.
[[gnu::noinline]] bool resume_in_place(promise_base& child) noexcept {
    bool suspended = false;
    const thread_state& self = state_of_this_thread;
    if (reinterpret_cast<std::uintptr_t>(&suspended) < self.stack_low) [[unlikely]]
        return resume_from_loop(child);
    child.parent_suspended = &suspended;
    child.handle().resume();
    return suspended;
}

void detach_from_stack(promise_base& frame) noexcept {
    // Frames further up were detached when the ones below them were: each frame pays once.
    for (promise_base* nested = &frame; nested->parent_suspended != nullptr;
         nested = nested->parent) {
        *nested->parent_suspended = true;
        nested->parent_suspended = nullptr;
        if (nested->parent == nullptr) break;
    }
}

void hand_to_loop(promise_base& finished) noexcept {
    thread_state& self = this_thread();
    AMPHI_ASSERT(self.next == nullptr && self.finished == nullptr);
    (finished.parent != nullptr ? self.next : self.finished) =
        finished.parent != nullptr ? finished.parent : &finished;
}

void promise_base::unhandled_exception(std::source_location here) noexcept {
    error = std::current_exception();
    record_failed_frame(error, here, location_of(await_site.load(std::memory_order_relaxed)));
}

}  // namespace amphi::detail
