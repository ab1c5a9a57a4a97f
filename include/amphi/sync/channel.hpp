// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/sync/channel_state.hpp>
#include <amphi/sync/shared_end.hpp>
#include <amphi/sync/timed.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/waiter.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

template <class T>
class send_operation : public operation<send_operation<T>> {
public:
    send_operation(channel_state<T>& to, T item) noexcept : to_(to) {
        place_.item.emplace(std::move(item));
    }

    [[nodiscard]] bool poll() { return to_.try_send(place_) != channel_outcome::pending; }
    void publish(ticket t) {
        place_.parked = t;
        to_.send_or_wait(place_);
    }
    void withdraw() noexcept { to_.withdraw_sender(place_); }
    [[nodiscard]] bool result() const noexcept { return place_.outcome == channel_outcome::done; }

    /// What was to be sent, to have it back when it was not.
    [[nodiscard]] std::optional<T>& unsent() noexcept { return place_.item; }

private:
    channel_state<T>& to_;
    channel_place<T> place_;
};

template <class T>
class receive_operation : public operation<receive_operation<T>> {
public:
    explicit receive_operation(channel_state<T>& from) noexcept : from_(from) {}

    [[nodiscard]] bool poll() noexcept {
        return from_.try_receive(place_) != channel_outcome::pending;
    }
    void publish(ticket t) noexcept {
        place_.parked = t;
        from_.receive_or_wait(place_);
    }
    void withdraw() noexcept { from_.withdraw_receiver(place_); }
    [[nodiscard]] std::optional<T> result() noexcept { return std::move(place_.item); }

private:
    channel_state<T>& from_;
    channel_place<T> place_;
};

}  // namespace detail

template <class T>
class receiver;

/// The end of a channel that values go in at. Copies send into the same one; when the last of them
/// goes, the channel is closed.
///
/// Threads: a sender belongs to one at a time, its copies to others.
template <class T>
class sender {
public:
    /// Waits for room and sends; yields false when the channel is closed, and nothing was sent.
    /// Throws `std::bad_alloc`. Cancellation: nothing was sent; an operation that was given a name
    /// has the value in `unsent()`, as after false.
    [[nodiscard("co_await the send: it says whether the channel is open")]] auto send(T item
    ) noexcept {
        return detail::send_operation<T>(*state_, std::move(item));
    }

    /// As `send`, but gives up at `when`, or after `length`: throws `timed_out`.
    [[nodiscard("co_await the send")]] auto send_until(T item, time_point when) {
        return detail::timed_operation<detail::send_operation<T>>(when, *state_, std::move(item));
    }
    [[nodiscard("co_await the send")]] auto send_for(T item, auto length) {
        return send_until(std::move(item), saturating_add(clock::now(), length));
    }

    /// Sends if there is room, without waiting. False when there is none or the channel is closed;
    /// then `item` is as it was.
    [[nodiscard]] bool try_send(T& item) {
        detail::channel_place<T> place;
        place.item.emplace(std::move(item));
        try {
            (void)state_->try_send(place);
        } catch (...) {
            give_back(item, place);
            throw;
        }
        give_back(item, place);
        return place.outcome == detail::channel_outcome::done;
    }
    [[nodiscard]] bool try_send(T&& item) { return try_send(item); }

    /// Closes the channel for all senders. What was sent can still be received.
    void close() noexcept { state_->close(); }
    /// Whether nothing can be sent any more: it was closed, or its last receiver has gone.
    [[nodiscard]] bool is_closed() const noexcept { return state_->is_closed(); }

private:
    template <class U>
    friend std::pair<sender<U>, receiver<U>> channel(std::size_t capacity);

    explicit sender(std::shared_ptr<detail::channel_state<T>> state) noexcept
        : state_(std::move(state)) {}

    static void give_back(T& item, detail::channel_place<T>& place) noexcept {
        if (!place.item) return;
        std::destroy_at(std::addressof(item));
        std::construct_at(std::addressof(item), std::move(*place.item));
    }

    using shared = detail::channel_state<T>;

    detail::shared_end<shared, &shared::add_sender, &shared::remove_sender> state_;
};

/// The end of a channel that values come out at, in the order in which they were sent: each to one
/// of the receivers. When the last of them goes, the channel is closed and what is left in it is
/// dropped.
///
/// Threads: a receiver belongs to one at a time, its copies to others.
template <class T>
class receiver {
public:
    /// Waits for the next value; empty when the channel is closed and nothing is left in it:
    ///
    ///     while (auto item = co_await from.receive())
    ///         use(*item);
    ///
    /// Cancellation: no value was taken.
    [[nodiscard("co_await the receive")]] auto receive() noexcept {
        return detail::receive_operation<T>(*state_);
    }

    /// As `receive`, but gives up at `when`, or after `length`: throws `timed_out`.
    [[nodiscard("co_await the receive")]] auto receive_until(time_point when) {
        return detail::timed_operation<detail::receive_operation<T>>(when, *state_);
    }
    [[nodiscard("co_await the receive")]] auto receive_for(auto length) {
        return receive_until(saturating_add(clock::now(), length));
    }

    /// The next value if there is one, without waiting.
    [[nodiscard]] std::optional<T> try_receive() noexcept {
        detail::channel_place<T> place;
        (void)state_->try_receive(place);
        return std::move(place.item);
    }

    /// Closes the channel: senders are refused, what was sent can still be received.
    void close() noexcept { state_->close(); }
    [[nodiscard]] bool is_closed() const noexcept { return state_->is_closed(); }

    /// How many values are in the channel now.
    [[nodiscard]] std::size_t size() const noexcept { return state_->size(); }

private:
    template <class U>
    friend std::pair<sender<U>, receiver<U>> channel(std::size_t capacity);

    explicit receiver(std::shared_ptr<detail::channel_state<T>> state) noexcept
        : state_(std::move(state)) {}

    using shared = detail::channel_state<T>;

    detail::shared_end<shared, &shared::add_receiver, &shared::remove_receiver> state_;
};

/// A queue between tasks, on plain threads and on async alike, for many senders and many receivers:
///
///     auto [to, from] = channel<order>(64);
///
/// `send` waits while `capacity` values are in it, so whoever is faster is held back. Throws
/// `std::invalid_argument` for a capacity of 0. T moves without throwing, under the channel's lock.
template <class T>
[[nodiscard]] std::pair<sender<T>, receiver<T>> channel(std::size_t capacity) {
    static_assert(sendable<T>, "what goes through a channel crosses threads: T must be sendable");
    static_assert(
        std::is_nothrow_move_constructible_v<T>,
        "T must move without throwing: a value may not be lost halfway"
    );
    if (capacity == 0) throw std::invalid_argument("a channel's capacity is at least 1, not 0");
    auto state = std::make_shared<detail::channel_state<T>>(capacity);
    return {sender<T>(state), receiver<T>(state)};
}

/// A channel without a limit: `send` never waits. Where the senders can be faster than the
/// receivers for long, memory is the limit; prefer one with a capacity.
template <class T>
[[nodiscard]] std::pair<sender<T>, receiver<T>> unbounded_channel() {
    return channel<T>(static_cast<std::size_t>(-1));
}

template <class T>
inline constexpr bool enable_sendable<sender<T>> = sendable<T>;
template <class T>
inline constexpr bool enable_sendable<receiver<T>> = sendable<T>;

}  // namespace amphi
