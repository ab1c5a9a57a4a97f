// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/assert.hpp>
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
#include <cstddef>
#include <utility>

namespace amphi {

class semaphore;

namespace detail {

class permit_place : public list_node<permit_place> {
public:
    ticket parked;
    std::size_t wanted = 0;
};

}  // namespace detail

/// Permits that were acquired; they go back when it is destroyed. May be empty.
///
/// Threads: one owner; may be released on another thread than it was acquired on.
class semaphore_permits {
public:
    semaphore_permits() noexcept = default;
    semaphore_permits(semaphore& of, std::size_t count) noexcept : of_(&of), count_(count) {}
    semaphore_permits(semaphore_permits&& other) noexcept
        : of_(std::exchange(other.of_, nullptr))
        , count_(std::exchange(other.count_, 0)) {}
    semaphore_permits& operator=(semaphore_permits&& other) noexcept {
        semaphore_permits(std::move(other)).swap(*this);
        return *this;
    }
    ~semaphore_permits() { release(); }

    [[nodiscard]] explicit operator bool() const noexcept { return of_ != nullptr; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// Gives them back now.
    inline void release() noexcept;
    /// They never go back: the semaphore has fewer from now on.
    void forget() noexcept {
        of_ = nullptr;
        count_ = 0;
    }

private:
    void swap(semaphore_permits& other) noexcept {
        std::swap(of_, other.of_);
        std::swap(count_, other.count_);
    }

    semaphore* of_ = nullptr;
    std::size_t count_ = 0;
};

/// A number of permits, of which each task takes one or several at a time. Fair: they are given in
/// the order in which they were asked for, so one who wants many is not passed by for ever by those
/// who want few.
///
///     auto permit = co_await connections.acquire();
///
/// Threads: any, in both lives at once.
/// Lifetime: outlives its permits and whoever waits; whoever has got the last permits that come may
/// destroy it.
class AMPHI_EXPORT semaphore {
    class acquire_operation : public detail::operation<acquire_operation> {
    public:
        acquire_operation(semaphore& of, std::size_t count) noexcept : of_(of) {
            place_.wanted = count;
        }

        [[nodiscard]] bool poll() noexcept { return of_.try_take(place_.wanted); }
        void publish(detail::ticket t) noexcept {
            place_.parked = t;
            of_.take_or_wait(place_);
        }
        void withdraw() noexcept { of_.withdraw(place_); }
        [[nodiscard]] semaphore_permits result() const noexcept { return {of_, place_.wanted}; }

    private:
        semaphore& of_;
        detail::permit_place place_;
    };

public:
    /// The most permits that there may be.
    static constexpr std::size_t permits_max = static_cast<std::size_t>(-1) >> 1;

    explicit semaphore(std::size_t permits) noexcept : state_(permits) {
        AMPHI_ASSERT(permits <= permits_max);
    }
    semaphore(const semaphore&) = delete;
    semaphore& operator=(const semaphore&) = delete;

    /// Waits for `count` permits and yields them, as `semaphore_permits`. Whoever asks for more
    /// than there will ever be waits until a stop.
    /// Cancellation: the place in the line is given up, and no permit was taken.
    [[nodiscard("co_await the acquire")]] acquire_operation
    acquire(std::size_t count = 1) noexcept {
        return {*this, count};
    }

    /// As `acquire`, but gives up at `when`, or after `length`: throws `timed_out`.
    [[nodiscard("co_await the acquire")]] auto
    acquire_until(time_point when, std::size_t count = 1) {
        return detail::timed_operation<acquire_operation>(when, *this, count);
    }
    [[nodiscard("co_await the acquire")]] auto acquire_for(auto length, std::size_t count = 1) {
        return acquire_until(saturating_add(clock::now(), length), count);
    }

    /// Takes them without waiting; empty when there are not enough or others wait.
    [[nodiscard]] semaphore_permits try_acquire(std::size_t count = 1) noexcept {
        return try_take(count) ? semaphore_permits(*this, count) : semaphore_permits();
    }

    /// Adds permits, also new ones. Never waits.
    void release(std::size_t count = 1) noexcept;

    /// How many are free now.
    [[nodiscard]] std::size_t available() const noexcept {
        return state_.load(std::memory_order_relaxed) & permits_max;
    }

private:
    [[nodiscard]] bool try_take(std::size_t count) noexcept;
    void take_or_wait(detail::permit_place& place) noexcept;
    void withdraw(detail::permit_place& place) noexcept;
    [[nodiscard]] bool try_give(std::size_t count) noexcept;
    [[nodiscard]] std::size_t give_to_line(std::size_t count) noexcept;
    [[nodiscard]] bool grant(detail::woken_later<detail::permit_place>& to_wake) noexcept
        AMPHI_REQUIRES(lock_);

    // The free permits, and `has_line` while somebody may wait. It is set and cleared under the
    // lock, and while it is set the word changes under the lock alone: nobody else's exchange
    // expects a word that has it.
    static constexpr std::size_t has_line = ~permits_max;

    detail::atomic<std::size_t> state_;
    detail::lock lock_;
    detail::intrusive_list<detail::permit_place> line_ AMPHI_GUARDED_BY(lock_);
};

void semaphore_permits::release() noexcept {
    if (semaphore* const of = std::exchange(of_, nullptr)) of->release(std::exchange(count_, 0));
}

template <>
inline constexpr bool enable_shareable<semaphore> = true;

}  // namespace amphi
