// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/assert.hpp>
#include <amphi/base/export.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/callable.hpp>
#include <amphi/sync/mutex.hpp>
#include <amphi/sync/mutex_core.hpp>
#include <amphi/sync/wait_line.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <type_traits>

namespace amphi {

namespace detail {
class condition_wait;
}

/// Waits, while a mutex is given up, for others to change what it guards:
///
///     auto guard = co_await jobs.lock();
///     co_await changed.wait(guard, [](const queue& q) { return !q.empty(); });
///
/// Threads: any, in both lives at once. All who wait at one time use the same mutex.
/// Lifetime: outlives whoever waits.
class AMPHI_EXPORT condition {
public:
    condition() noexcept = default;
    condition(const condition&) = delete;
    condition& operator=(const condition&) = delete;

    /// Gives up the mutex, waits for a notification, and locks the mutex again, also when it
    /// throws. No wake-ups without a notification, but others may have been first: test what was
    /// waited for.
    /// Cancellation: ends the wait, and loses no notification; locking again is not cut short.
    template <class T>
    [[nodiscard("co_await the wait")]] task<> wait(mutex_guard<T>& held) {
        return wait_with(core_of(held));
    }

    /// Waits until `ready(*held)`, called with the mutex locked, says so; with a `mutex<>`,
    /// `ready()`. Awaited in place, so it may capture by reference.
    template <class T, class Ready>
    [[nodiscard("co_await the wait")]] task<> wait(mutex_guard<T>& held, Ready ready) {
        detail::check_awaited_in_place<Ready>();
        for (;;) {
            bool is_ready = false;
            if constexpr (std::is_void_v<T>)
                is_ready = ready();
            else
                is_ready = ready(*held);
            if (is_ready) break;
            co_await wait_with(core_of(held));
        }
    }

    /// Ends the wait of one, the first, or of all who wait now. Whether the mutex is locked
    /// meanwhile makes no difference.
    void notify_one() noexcept;
    void notify_all() noexcept;

private:
    friend class detail::condition_wait;

    template <class T>
    [[nodiscard]] static detail::mutex_core& core_of(mutex_guard<T>& held) noexcept {
        AMPHI_ASSERT(held);  // The mutex is ours.
        return held.held_->core_;
    }
    [[nodiscard]] task<> wait_with(detail::mutex_core& held);

    detail::lock lock_;
    detail::intrusive_list<detail::place_in_line> line_ AMPHI_GUARDED_BY(lock_);
};

template <>
inline constexpr bool enable_shareable<condition> = true;

}  // namespace amphi
