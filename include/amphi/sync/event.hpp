// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/sync/timed.hpp>
#include <amphi/sync/wait_line.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/waiter.hpp>

#include <atomic>

namespace amphi {

/// How an event comes to be unset again.
enum class event_kind : bool {
    manual_reset,  ///< by `reset`: until then nobody waits
    auto_reset     ///< by the one wait that it ends
};

/// Something that happens, and that others wait for.
///
///     event ready;                            // stays set, and ends every wait
///     event work(event_kind::auto_reset);     // each `set` lets one go on; two sets may be one
///
/// What was written before `set` is seen after the wait that it ended.
///
/// Threads: any, in both lives at once. Lifetime: outlives whoever waits; it may be destroyed as
/// soon as a wait has returned.
class AMPHI_EXPORT event {
    class wait_operation : public detail::operation<wait_operation> {
    public:
        explicit wait_operation(event& on) noexcept : on_(on) {}

        [[nodiscard]] bool poll() noexcept { return on_.try_wait(); }
        void publish(detail::ticket t) noexcept {
            place_.parked = t;
            on_.take_or_wait(place_);
        }
        void withdraw() noexcept { on_.withdraw(place_); }
        void result() const noexcept {}

    private:
        event& on_;
        detail::place_in_line place_;
    };

public:
    explicit event(event_kind kind = event_kind::manual_reset) noexcept : kind_(kind) {}
    event(const event&) = delete;
    event& operator=(const event&) = delete;

    /// Waits until it is set. Cancellation: ends the wait; a set that it lost goes to another.
    [[nodiscard("co_await the wait")]] wait_operation wait() noexcept {
        return wait_operation(*this);
    }

    /// As `wait`, but gives up at `when`, or after `length`: throws `timed_out`.
    [[nodiscard("co_await the wait")]] auto wait_until(time_point when) {
        return detail::timed_operation<wait_operation>(when, *this);
    }
    [[nodiscard("co_await the wait")]] auto wait_for(auto length) {
        return wait_until(saturating_add(clock::now(), length));
    }

    /// Whether it is set; of the kind that resets itself, takes that.
    [[nodiscard]] bool try_wait() noexcept;

    /// Ends the waits of all, or of the first, and of those to come. Never waits.
    void set() noexcept;
    void reset() noexcept;

    /// Whether it is set now.
    [[nodiscard]] bool is_set() const noexcept {
        return is_set_.load(std::memory_order_acquire);  // sync: event.set
    }

private:
    void take_or_wait(detail::place_in_line& place) noexcept;
    void withdraw(detail::place_in_line& place) noexcept;

    const event_kind kind_;
    // Written under the lock. A manual one is read without it, and that is an acquire.
    detail::atomic<bool> is_set_{false};
    detail::lock lock_;
    detail::intrusive_list<detail::place_in_line> line_ AMPHI_GUARDED_BY(lock_);
};

template <>
inline constexpr bool enable_shareable<event> = true;

}  // namespace amphi
