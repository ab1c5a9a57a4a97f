// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/sync/mutex_core.hpp>
#include <amphi/sync/timed.hpp>
#include <amphi/sync/wait_line.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/waiter.hpp>

#include <type_traits>
#include <utility>

namespace amphi {

template <class T>
class mutex;

/// Holds a mutex, and is the way to what it guards; unlocks it when it is destroyed. May be empty.
/// May be held across a `co_await`, and may be destroyed on another thread than it was made on.
template <class T = void>
class mutex_guard {
public:
    mutex_guard() noexcept = default;
    explicit mutex_guard(mutex<T>& held) noexcept : held_(&held) {}
    mutex_guard(mutex_guard&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    mutex_guard& operator=(mutex_guard&& other) noexcept {
        mutex_guard taken(std::move(other));
        std::swap(held_, taken.held_);
        return *this;
    }
    ~mutex_guard() { unlock(); }

    [[nodiscard]] explicit operator bool() const noexcept { return held_ != nullptr; }

    [[nodiscard]] auto& operator*() const noexcept
        requires(!std::is_void_v<T>)
    {
        return held_->value_;
    }
    [[nodiscard]] auto* operator->() const noexcept
        requires(!std::is_void_v<T>)
    {
        return &held_->value_;
    }

    /// Unlocks now.
    void unlock() noexcept {
        if (mutex<T>* const held = std::exchange(held_, nullptr)) held->core_.unlock();
    }

private:
    friend class condition;

    mutex<T>* held_ = nullptr;
};

/// One task at a time gets at what it guards, on plain threads and on async alike:
///
///     mutex<std::vector<order>> open;
///     auto guard = co_await open.lock();
///     guard->push_back(next);
///
/// `mutex<>` guards nothing by itself. Fair: it is handed over in the order in which tasks came.
/// Not recursive: a task that locks it twice waits for itself.
///
/// Threads: any, in both lives at once; a plain function uses `wait(m.lock())`.
/// Lifetime: outlives its guards and whoever waits; the last to lock it may destroy it once it has
/// unlocked it.
template <class T = void>
class mutex {
    class lock_operation : public detail::operation<lock_operation> {
    public:
        explicit lock_operation(mutex& wanted) noexcept : wanted_(wanted) {}

        [[nodiscard]] bool poll() noexcept { return wanted_.core_.try_lock(); }
        void publish(detail::ticket t) noexcept {
            place_.parked = t;
            wanted_.core_.lock_or_wait(place_);
        }
        void withdraw() noexcept { wanted_.core_.withdraw(place_); }
        [[nodiscard]] mutex_guard<T> result() const noexcept { return mutex_guard<T>(wanted_); }

    private:
        mutex& wanted_;
        detail::place_in_line place_;
    };

public:
    /// Makes what it guards from `args`.
    template <class... Args>
        requires(!std::is_void_v<T> && std::is_constructible_v<T, Args...>)
    explicit mutex(Args&&... args) : value_(std::forward<Args>(args)...) {}
    mutex() noexcept
        requires(std::is_void_v<T>)
    = default;
    mutex(const mutex&) = delete;
    mutex& operator=(const mutex&) = delete;

    /// Waits until it is ours and yields a `mutex_guard`.
    /// Cancellation: the place in the line is given up.
    [[nodiscard("co_await the lock")]] lock_operation lock() noexcept {
        return lock_operation(*this);
    }

    /// As `lock`, but gives up at `when`, or after `length`: throws `timed_out`.
    [[nodiscard("co_await the lock")]] auto lock_until(time_point when) {
        return detail::timed_operation<lock_operation>(when, *this);
    }
    [[nodiscard("co_await the lock")]] auto lock_for(auto length) {
        return lock_until(saturating_add(clock::now(), length));
    }

    /// Locks it if nobody holds it; else the guard is empty. Never waits.
    [[nodiscard]] mutex_guard<T> try_lock() noexcept {
        return core_.try_lock() ? mutex_guard<T>(*this) : mutex_guard<T>();
    }

private:
    friend class mutex_guard<T>;
    friend class condition;
    class nothing {};

    detail::mutex_core core_;
    [[no_unique_address]] std::conditional_t<std::is_void_v<T>, nothing, T> value_;
};

template <class T>
inline constexpr bool enable_shareable<mutex<T>> = sendable<T>;

}  // namespace amphi
