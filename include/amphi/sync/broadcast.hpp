// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/sync/shared_end.hpp>
#include <amphi/sync/timed.hpp>
#include <amphi/sync/wait_line.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/waiter.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace amphi {

/// Thrown at a receive of a `broadcast` that came too late for some values: they were overwritten.
/// The next receive goes on with the oldest that is left.
class AMPHI_EXPORT receiver_lagged : public std::runtime_error {
public:
    explicit receiver_lagged(std::uint64_t missed);
    receiver_lagged(const receiver_lagged&) noexcept = default;
    receiver_lagged& operator=(const receiver_lagged&) noexcept = default;
    ~receiver_lagged() override;

    /// How many values were missed.
    [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }

private:
    std::uint64_t missed_;
};

namespace detail {

/// What the ends of a broadcast share: the last values, numbered from 0.
template <class T>
class broadcast_state {
    using wakes = woken_later<place_in_line>;

public:
    explicit broadcast_state(std::size_t capacity) : last_(capacity) {}
    broadcast_state(const broadcast_state&) = delete;
    broadcast_state& operator=(const broadcast_state&) = delete;

    std::size_t send(std::shared_ptr<const T> item) noexcept {
        std::shared_ptr<const T> overwritten;  // Ends after the lock's guard: others' code.
        wakes to_wake;
        const lock_guard guard(lock_);
        overwritten = std::exchange(last_[next_ % last_.size()], std::move(item));
        ++next_;
        wake_all(to_wake);
        return receivers_;
    }

    /// Whether a receiver that comes to `position` would not wait.
    [[nodiscard]] bool has(std::uint64_t position) const noexcept {
        const lock_guard guard(lock_);
        return position < next_ || senders_ == 0;
    }
    void publish(std::uint64_t position, place_in_line& place) noexcept {
        const lock_guard guard(lock_);
        if (position < next_ || senders_ == 0)
            (void)place.parked.claim();
        else
            line_.push_back(place);
    }
    void withdraw(place_in_line& place) noexcept {
        const lock_guard guard(lock_);
        line_.remove(place);
    }

    /// The value at `position`, which then goes on; null when there is none. When it was
    /// overwritten `missed` says how many were, and the position goes to the oldest.
    std::shared_ptr<const T> take(std::uint64_t& position, std::uint64_t& missed) const noexcept {
        const lock_guard guard(lock_);
        const std::uint64_t oldest = next_ - std::min<std::uint64_t>(next_, last_.size());
        if (position < oldest) {
            missed = oldest - position;
            position = oldest;
            return nullptr;
        }
        if (position == next_) return nullptr;
        return last_[position++ % last_.size()];
    }

    void add_sender() noexcept {
        const lock_guard guard(lock_);
        ++senders_;
    }
    void remove_sender() noexcept {
        wakes to_wake;
        const lock_guard guard(lock_);
        if (--senders_ == 0) wake_all(to_wake);
    }
    /// The position of the values to come.
    [[nodiscard]] std::uint64_t add_receiver() noexcept {
        const lock_guard guard(lock_);
        ++receivers_;
        return next_;
    }
    void remove_receiver() noexcept {
        const lock_guard guard(lock_);
        --receivers_;
    }

private:
    void wake_all(wakes& to_wake) noexcept AMPHI_REQUIRES(lock_) {
        while (to_wake.claim_first(line_) != nullptr) {
        }
    }

    mutable lock lock_;
    std::vector<std::shared_ptr<const T>> last_ AMPHI_GUARDED_BY(lock_);  // by number, in turn
    std::uint64_t next_ AMPHI_GUARDED_BY(lock_) = 0;
    std::size_t senders_ AMPHI_GUARDED_BY(lock_) = 1;
    std::size_t receivers_ AMPHI_GUARDED_BY(lock_) = 0;
    intrusive_list<place_in_line> line_ AMPHI_GUARDED_BY(lock_);
};

template <class T>
class broadcast_receive : public operation<broadcast_receive<T>> {
public:
    broadcast_receive(broadcast_state<T>& from, std::uint64_t& position) noexcept
        : from_(from)
        , position_(position) {}

    [[nodiscard]] bool poll() const noexcept { return from_.has(position_); }
    void publish(ticket t) noexcept {
        place_.parked = t;
        from_.publish(position_, place_);
    }
    void withdraw() noexcept { from_.withdraw(place_); }
    [[nodiscard]] std::optional<T> result() {
        std::uint64_t missed = 0;
        const std::shared_ptr<const T> item = from_.take(position_, missed);
        if (missed != 0) throw receiver_lagged(missed);
        return item != nullptr ? std::optional<T>(*item) : std::nullopt;
    }

private:
    broadcast_state<T>& from_;
    std::uint64_t& position_;
    place_in_line place_;
};

}  // namespace detail

/// An end of a `broadcast` that values come out at: every one that is sent from its making on. A
/// copy will get what the original has not got yet.
///
/// Threads: a receiver belongs to one at a time, its copies to others.
template <class T>
class broadcast_receiver {
public:
    explicit broadcast_receiver(std::shared_ptr<detail::broadcast_state<T>> state) noexcept
        : state_(std::move(state))
        , position_(state_->add_receiver()) {}

    /// Waits for the next value and yields a copy; empty when all senders have gone and there is no
    /// more. Throws `receiver_lagged`, and what the copying of a value throws, which is then gone
    /// for this receiver. Cancellation: no value was taken.
    [[nodiscard("co_await the receive")]] auto receive() noexcept {
        return detail::broadcast_receive<T>(*state_, position_);
    }

    /// As `receive`, but gives up at `when`, or after `length`: throws `timed_out`.
    [[nodiscard("co_await the receive")]] auto receive_until(time_point when) {
        return detail::timed_operation<detail::broadcast_receive<T>>(when, *state_, position_);
    }
    [[nodiscard("co_await the receive")]] auto receive_for(auto length) {
        return receive_until(saturating_add(clock::now(), length));
    }

    /// The next value if there is one, without waiting. Throws `receiver_lagged`.
    [[nodiscard]] std::optional<T> try_receive() {
        return detail::broadcast_receive<T>(*state_, position_).result();
    }

private:
    using shared = detail::broadcast_state<T>;

    detail::shared_end<shared, &shared::add_receiver, &shared::remove_receiver> state_;
    std::uint64_t position_;
};

/// The end of a `broadcast` that values go in at; copies send into the same one.
///
/// Threads: a sender belongs to one at a time, its copies to others.
template <class T>
class broadcast_sender {
public:
    explicit broadcast_sender(std::shared_ptr<detail::broadcast_state<T>> state) noexcept
        : state_(std::move(state)) {}

    /// Sends to all receivers that there are, and says how many. Never waits: a receiver that is
    /// too slow misses the oldest values. Throws `std::bad_alloc`.
    std::size_t send(T item) { return state_->send(std::make_shared<const T>(std::move(item))); }

    /// A receiver of the values to come.
    [[nodiscard]] broadcast_receiver<T> subscribe() const noexcept {
        return broadcast_receiver<T>(state_.state());
    }

private:
    using shared = detail::broadcast_state<T>;

    detail::shared_end<shared, &shared::add_sender, &shared::remove_sender> state_;
};

/// Values that each of many receivers gets, on plain threads and on async alike; the last
/// `capacity` of them are kept for those who are slower.
///
///     auto [to, first] = broadcast<price>(256);
///     auto second = to.subscribe();
///
/// T is copied for each receiver, several at once. Throws `std::invalid_argument` for a capacity
/// of 0, `std::bad_alloc`.
template <class T>
[[nodiscard]] std::pair<broadcast_sender<T>, broadcast_receiver<T>> broadcast(std::size_t capacity
) {
    static_assert(sendable<T>, "what is broadcast crosses threads: T must be sendable");
    if (capacity == 0) throw std::invalid_argument("a broadcast's capacity is at least 1, not 0");
    auto state = std::make_shared<detail::broadcast_state<T>>(capacity);
    return {broadcast_sender<T>(state), broadcast_receiver<T>(state)};
}

template <class T>
inline constexpr bool enable_sendable<broadcast_sender<T>> = sendable<T>;
template <class T>
inline constexpr bool enable_sendable<broadcast_receiver<T>> = sendable<T>;

}  // namespace amphi
