// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/export.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/task_extras.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/frame_cache.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/trace.hpp>
#include <amphi/task/waiter.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace amphi::detail {

class promise_base;
class task_block;

/// Who keeps account of a task: the scope that it is a child of, or the program of its daemons.
class end_listener {
public:
    /// The task's code has ended; its frame is still there.
    virtual void code_ended() noexcept {}
    /// `task.error` left its code. It is not complete yet.
    virtual void failed(const task_block& /*task*/) noexcept {}
    /// The task is complete, and gone but for its handle.
    virtual void completed() noexcept = 0;
    /// The task calls exit(3), and so will never be complete.
    virtual void ends_program() noexcept {}

protected:
    ~end_listener() = default;
};

/// A spawned task: its arguments, its context, its stop and its outcome, in one allocation. Two
/// references keep it: the run, until the task is complete, and the handle.
///
/// Who may touch it: the starter until `start` returns, then the run until it has set `done`. What
/// `done` publishes (error, frames, the result in derived classes) is read by the handle
/// afterwards.
class AMPHI_EXPORT task_block {
public:
    task_block() noexcept { where.block = this; }
    task_block(const task_block&) = delete;
    task_block& operator=(const task_block&) = delete;
    virtual ~task_block();

    static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
    static void operator delete(void* block, std::size_t bytes) noexcept {
        free_frame(block, bytes);
    }

    /// Makes the coroutine's frame from the stored arguments. Leaves it null for a plain function.
    virtual void make_frame() = 0;
    /// A plain function: calls it, keeping its result or exception.
    virtual void call() noexcept = 0;
    /// Takes the result out of the finished frame, then destroys frame and arguments.
    virtual void take_result() noexcept = 0;

    /// After `make_frame`: runs the whole task on this thread, which blocks where it waits, and
    /// completes it. `*this` may be gone afterwards.
    void run_here() noexcept;

    /// The outermost frame has finished: takes its result and completes the task.
    void finish() noexcept;

    /// Completes a task that could not be run after all.
    void fail(std::exception_ptr why) noexcept;

    /// Puts the task below `outer`: its stop and its deadline.
    void inherit(const context& outer) noexcept;

    /// Stops the task since its deadline has passed: on async a deadline is a timer of the one who
    /// set it, and a plain thread has none.
    void pass_on_deadline() noexcept { stop.request(stop_reason::deadline, where.timeout); }

    [[nodiscard]] bool done() const noexcept {
        return done_.load(std::memory_order_acquire);  // sync: block.done
    }

    /// Keeps the joiner's ticket, or claims it when the task is done. There is one joiner.
    void publish_joiner(ticket joiner) noexcept;
    void withdraw_joiner() noexcept;

    /// What few tasks have, for the task itself, and for its starter before the start. Null when
    /// there is none.
    [[nodiscard]] task_extras* extras() const noexcept {
        return extras_.load(std::memory_order_acquire);  // sync: block.extras
    }
    task_extras& make_extras();

    /// For the handle and others, on any thread: as `this_task` tells them, also after the end.
    [[nodiscard]] std::uint64_t id();
    [[nodiscard]] std::string name();
    /// The task itself, and its starter before the start.
    void set_name(std::string name);

    void release() noexcept;

    /// Keeps what left the body, with the trace that this thread saw of it.
    void keep_error(std::exception_ptr left) noexcept;
    [[nodiscard]] trace error_trace() const;

    /// By the joiner, once: throws the error to it, with whom that ends: not with the run, when
    /// that lets go of the block. Throws `std::logic_error` afterwards.
    void begin_take();

    // A million of these may be parked: what is small stands in the padding of what is not.
    context where;
    [[no_unique_address]] stop_state stop;
    bool report_error : 1 = false;  ///< a detached task: says so when nobody takes its error
    /// Its deadline comes from a plain thread, which has no timer: an executor that suspends keeps
    /// one for it.
    bool needs_timer : 1 = false;

private:
    // Set once, under the lock, by the run.
    atomic<bool> done_{false};
    // 2, or 1 once the run or the handle has let go, then deleted.
    atomic<std::uint8_t> references_{2};

public:
    end_listener* listener = nullptr;  ///< null: nobody but the handle asks for its end
    promise_base* frame = nullptr;     ///< the outermost; null once it has finished
    std::exception_ptr error;

private:
    void code_ended() noexcept;
    void complete() noexcept;

    // Null, then for good what the first who needed them has made, under the lock. Its name is
    // written under the lock too, since others ask for it; what else is in it is the task's own.
    atomic<task_extras*> extras_{nullptr};
    [[no_unique_address]] ticket joiner_ AMPHI_GUARDED_BY(lock_);
    // By the handle: the outcome was given to who joined.
    bool taken_ = false;
    lock lock_;
};

/// Releases a reference to a block when it goes out of scope.
template <class Block>
class block_reference {
public:
    explicit block_reference(Block* block) noexcept : block_(block) {}
    block_reference(block_reference&& other) noexcept
        : block_(std::exchange(other.block_, nullptr)) {}
    block_reference& operator=(block_reference&& other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~block_reference() {
        if (block_ != nullptr) block_->release();
    }
    [[nodiscard]] Block* get() const noexcept { return block_; }
    /// Somebody else releases it from now on.
    void forget() noexcept { block_ = nullptr; }
    Block* operator->() const noexcept { return block_; }
    Block& operator*() const noexcept { return *block_; }

private:
    Block* block_;
};

}  // namespace amphi::detail
