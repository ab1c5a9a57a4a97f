// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/export.hpp>
#include <amphi/base/lock.hpp>

#include <atomic>
#include <cstdint>
#include <exception>

namespace amphi::detail {

struct context;
class waiter;

/// Why a stop was requested.
enum class stop_reason : std::uint8_t { none, cancel, deadline };

/// A place from which cancellation flows down: a scope, a timeout or a spawned task has one inside
/// itself. It is `std::stop_source`'s model without the allocation: a state is part of its owner,
/// linked to the state above it, and it outlives everything that is linked below.
///
/// A task is sequential, so at most one operation waits directly under a state: one slot for its
/// waiter is enough, and parking needs no list.
///
/// Threads: every member may be called from any thread; the destructor and `attach` by the owner.
/// Locks are taken from parents to children, under them only a waker's queues.
class AMPHI_EXPORT stop_state {
public:
    stop_state() noexcept = default;
    stop_state(const stop_state&) = delete;
    stop_state& operator=(const stop_state&) = delete;

    /// Detaches. Blocks while the parent is just handing a stop down.
    ~stop_state();

    /// Lets a stop of `parent` (null: none) reach this state too, at once if it was requested.
    void attach(stop_state* parent) noexcept;
    void detach() noexcept;

    /// Asks everything below to stop. The first request decides the reason. Returns false when
    /// there was one already. `timeout` names the timeout whose deadline has passed.
    bool request(stop_reason reason, const void* timeout = nullptr) noexcept;

    [[nodiscard]] stop_reason requested() const noexcept {
        return requested_.load(std::memory_order_acquire);  // sync: task.stop
    }

    /// The timeout that requested the stop; only after `requested()` said `deadline`.
    [[nodiscard]] const void* timeout() const noexcept { return timeout_; }

    /// Publishes the waiter that a stop shall claim. False, and nothing is kept, when a stop has
    /// been requested.
    [[nodiscard]] bool park(waiter& w) noexcept;

    /// Takes the waiter out again; after it no stop touches it.
    void unpark() noexcept;

private:
    void link(stop_state& child) noexcept AMPHI_REQUIRES(lock_);
    void unlink(stop_state& child) noexcept AMPHI_REQUIRES(lock_);

    // Every task has one of these, so its place in the parent's list takes two pointers and no
    // more: under the parent's lock.
    stop_state* parent_ = nullptr;
    stop_state* next_ = nullptr;
    stop_state* previous_ = nullptr;
    stop_state* first_child_ AMPHI_GUARDED_BY(lock_) = nullptr;
    // Under the lock until a stop is requested: the waiter that it shall claim. Written by the
    // request and then only read: the timeout that it came from.
    union {
        waiter* parked_ = nullptr;
        const void* timeout_;
    };
    lock lock_;
    // none until the first request, then its reason for ever. Written under the lock, read without.
    atomic<stop_reason> requested_{stop_reason::none};
};

/// Whether an await in `where` would be refused: a stop was requested, or the deadline has passed.
[[nodiscard]] AMPHI_EXPORT bool stop_requested(const context& where) noexcept;

/// Throws what an await in `where` would, when `stop_requested` says that it would be refused.
[[noreturn]] AMPHI_EXPORT void throw_stopped(const context& where);

/// Whether `error`, which left code that ran in `where`, is the answer to a stop or a deadline that
/// came from outside that code, and not a failure of its own.
[[nodiscard]] AMPHI_EXPORT bool
is_cancellation(const std::exception_ptr& error, const context& where) noexcept;

}  // namespace amphi::detail
