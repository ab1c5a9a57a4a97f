// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/export.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/frame_cache.hpp>

#include <bit>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <source_location>

namespace amphi::detail {

/// Where a `co_await` stands: what a `std::source_location` is made from. As a default argument
/// that object would have a place of its own in the frame of each coroutine that g++ 12 compiles.
using await_place = decltype(__builtin_source_location());

[[nodiscard]] inline std::source_location location_of(await_place place) noexcept {
    return std::bit_cast<std::source_location>(place);
}

/// What every task's promise has. Frames are resumed in place, nested on the native stack, and only
/// a leaf that really suspends detaches them from it (resume.md has the protocol).
///
/// Who may touch it: the thread that runs the frame. While the frame is suspended, whoever won the
/// claim of the leaf's waiter.
class promise_base {
public:
    promise_base() noexcept = default;
    promise_base(const promise_base&) = delete;
    promise_base& operator=(const promise_base&) = delete;

    static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept {
        free_frame(frame, bytes);
    }

    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }

    /// `here` is the coroutine itself: the call is made inside its body.
    AMPHI_EXPORT void
    unhandled_exception(std::source_location here = std::source_location::current()) noexcept;

    /// The address of a promise decides its frame's: all promises are aligned alike (`task`
    /// checks).
    [[nodiscard]] std::coroutine_handle<> handle() noexcept {
        return std::coroutine_handle<promise_base>::from_promise(*this);
    }
    [[nodiscard]] static promise_base& of(std::coroutine_handle<> frame) noexcept {
        return std::coroutine_handle<promise_base>::from_address(frame.address()).promise();
    }

    promise_base* parent = nullptr;  ///< who awaits this; null: the outermost frame of a task
    // What waits in a queue stands on no native stack. The loop that resumes it sets the address to
    // null again.
    union {
        bool* parent_suspended = nullptr;  ///< on the parent's native stack; null: detached from it
        promise_base* queue_next;          ///< while it waits in an executor's shared queue
        std::uint64_t queued_at;           ///< in a worker's queue: zero, or when it got there
    };
    const context* where = nullptr;  ///< where it runs
    /// The last co_await in its body. relaxed: from other threads it is only read for reports.
    atomic<await_place> await_site{nullptr};
    std::exception_ptr error;  ///< what left its body
};

/// Awaits `child` by resuming it on top of the native stack. True when it really suspended: then
/// its parent must suspend too, and may be running elsewhere already.
[[nodiscard]] AMPHI_EXPORT bool resume_in_place(promise_base& child) noexcept;

/// Called by a leaf of `frame` that is about to publish itself: every frame below it on the native
/// stack learns that it is suspended.
AMPHI_EXPORT void detach_from_stack(promise_base& frame) noexcept;

/// The end of a frame that was detached: hands its parent, or itself as an outermost one, to the
/// loop.
AMPHI_EXPORT void hand_to_loop(promise_base& finished) noexcept;

/// Where a task ends: nothing to do when its parent still stands below it on the native stack.
struct final_awaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
        if (finished.promise().parent_suspended == nullptr) hand_to_loop(finished.promise());
    }
    void await_resume() const noexcept {}
};

}  // namespace amphi::detail
