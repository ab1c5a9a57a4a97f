// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/exec/callable.hpp>
#include <amphi/sync/mutex.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <atomic>
#include <utility>

namespace amphi {

/// Does something once, by the first task that comes; those who come meanwhile wait for it.
///
///     co_await prepared.call(prepare, folder);
///
/// Not recursive: an f that calls it again waits for itself.
///
/// Threads: any, in both lives at once. Lifetime: outlives every `call` that has begun.
class once {
public:
    once() noexcept = default;
    once(const once&) = delete;
    once& operator=(const once&) = delete;

    /// Awaits `f(args...)`, a task, unless that has been done; awaited in place, so `args` may be
    /// references. What f throws leaves this call, and the next one tries again. So does the next
    /// one when this one is cancelled inside f. Cancellation of a wait for another's f: ends it.
    template <class F, class... Args>
    [[nodiscard("co_await the call")]] task<> call(F&& f, Args&&... args) {
        detail::check_awaited_in_place<F>();
        if (done()) co_return;
        const mutex_guard<> guard = co_await turn_.lock();
        if (done()) co_return;
        co_await f(std::forward<Args>(args)...);
        done_.store(true, std::memory_order_release);  // sync: once.done
    }

    /// Whether it has been done.
    [[nodiscard]] bool done() const noexcept {
        return done_.load(std::memory_order_acquire);  // sync: once.done
    }

private:
    mutex<> turn_;
    detail::atomic<bool> done_{false};
};

template <>
inline constexpr bool enable_shareable<once> = true;

}  // namespace amphi
