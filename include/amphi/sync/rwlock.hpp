// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/sync/semaphore.hpp>
#include <amphi/sync/timed.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/waiter.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace amphi {

template <class T>
class rwlock;

/// Holds an `rwlock<T>` to read, as `T` const, or to write; unlocks it when it is destroyed. May be
/// empty.
template <class T>
class rwlock_guard {
public:
    rwlock_guard() noexcept = default;
    rwlock_guard(T& value, semaphore_permits held) noexcept
        : value_(&value)
        , held_(std::move(held)) {}

    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(held_); }
    [[nodiscard]] T& operator*() const noexcept { return *value_; }
    [[nodiscard]] T* operator->() const noexcept { return value_; }

    /// Unlocks now.
    void unlock() noexcept { held_.release(); }

private:
    T* value_ = nullptr;
    semaphore_permits held_;
};

/// Many tasks may read at a time what it guards, or one may write. Fair: whoever comes after a
/// waiting writer waits too, so neither side starves the other.
///
/// Threads: any, in both lives at once. Lifetime: as `mutex`.
template <class T>
class rwlock {
    using acquire_operation = decltype(std::declval<semaphore&>().acquire());

    /// `U` is T or T const.
    template <class U>
    class lock_operation : public detail::operation<lock_operation<U>> {
    public:
        lock_operation(rwlock& wanted, std::size_t permits) noexcept
            : wanted_(wanted)
            , permits_(wanted.permits_.acquire(permits)) {}

        [[nodiscard]] bool poll() noexcept { return permits_.poll(); }
        void publish(detail::ticket t) noexcept { permits_.publish(t); }
        void withdraw() noexcept { permits_.withdraw(); }
        [[nodiscard]] rwlock_guard<U> result() const noexcept {
            return {wanted_.value_, permits_.result()};
        }

    private:
        rwlock& wanted_;
        acquire_operation permits_;
    };

public:
    /// Makes what it guards from `args`.
    template <class... Args>
        requires std::is_constructible_v<T, Args...>
    explicit rwlock(Args&&... args) : value_(std::forward<Args>(args)...) {}
    rwlock(const rwlock&) = delete;
    rwlock& operator=(const rwlock&) = delete;

    /// Waits until nobody writes and yields an `rwlock_guard<const T>`.
    /// Cancellation: the place in the line is given up; so for `write`.
    [[nodiscard("co_await the lock")]] lock_operation<const T> read() noexcept {
        return {*this, 1};
    }
    /// Waits until nobody reads or writes and yields an `rwlock_guard<T>`.
    [[nodiscard("co_await the lock")]] lock_operation<T> write() noexcept {
        return {*this, readers_max};
    }

    /// As `read` and `write`, but these give up at `when`, or after `length`: they throw
    /// `timed_out`.
    [[nodiscard("co_await the lock")]] auto read_until(time_point when) {
        return detail::timed_operation<lock_operation<const T>>(when, *this, 1U);
    }
    [[nodiscard("co_await the lock")]] auto read_for(auto length) {
        return read_until(saturating_add(clock::now(), length));
    }
    [[nodiscard("co_await the lock")]] auto write_until(time_point when) {
        return detail::timed_operation<lock_operation<T>>(when, *this, readers_max);
    }
    [[nodiscard("co_await the lock")]] auto write_for(auto length) {
        return write_until(saturating_add(clock::now(), length));
    }

    /// Without waiting; empty when it would.
    [[nodiscard]] rwlock_guard<const T> try_read() noexcept {
        return {value_, permits_.try_acquire(1)};
    }
    [[nodiscard]] rwlock_guard<T> try_write() noexcept {
        return {value_, permits_.try_acquire(readers_max)};
    }

private:
    static constexpr std::size_t readers_max = semaphore::permits_max;

    semaphore permits_{readers_max};
    T value_;
};

template <class T>
inline constexpr bool enable_shareable<rwlock<T>> = sendable<T>;

}  // namespace amphi
