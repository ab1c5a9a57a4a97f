// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/sync/timed.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/waiter.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

template <class T>
class oneshot_state {
public:
    oneshot_state() noexcept = default;
    oneshot_state(const oneshot_state&) = delete;
    oneshot_state& operator=(const oneshot_state&) = delete;

    /// The only sender, once: with a value, or without when it goes. False when nobody listens;
    /// then `value` is as it was.
    bool finish(T* value) noexcept {
        ticket to_wake;
        {
            const lock_guard guard(lock_);
            if (receiver_left_) return false;
            if (value != nullptr) item_.emplace(std::move(*value));
            finished_ = true;
            if (waiting_ && waiting_.claim() == claim_result::must_wake) to_wake = waiting_;
        }
        if (to_wake) to_wake.wake();
        return true;
    }

    [[nodiscard]] bool finished() const noexcept {
        const lock_guard guard(lock_);
        return finished_;
    }
    void publish(ticket t) noexcept {
        const lock_guard guard(lock_);
        if (finished_)
            (void)t.claim();
        else
            waiting_ = t;
    }
    void withdraw() noexcept {
        const lock_guard guard(lock_);
        waiting_ = {};
    }
    /// By the receiver, once finished: the value is its own.
    [[nodiscard]] std::optional<T> take() noexcept { return std::exchange(item_, std::nullopt); }

    void receiver_leaves() noexcept {
        const lock_guard guard(lock_);
        receiver_left_ = true;
    }
    [[nodiscard]] bool receiver_left() const noexcept {
        const lock_guard guard(lock_);
        return receiver_left_;
    }

private:
    mutable lock lock_;
    bool finished_ AMPHI_GUARDED_BY(lock_) = false;
    bool receiver_left_ AMPHI_GUARDED_BY(lock_) = false;
    ticket waiting_ AMPHI_GUARDED_BY(lock_);
    std::optional<T> item_;  // the sender's until it is finished, then the receiver's
};

template <class T>
class oneshot_receive : public operation<oneshot_receive<T>> {
public:
    explicit oneshot_receive(oneshot_state<T>& from) noexcept : from_(from) {}

    [[nodiscard]] bool poll() const noexcept { return from_.finished(); }
    void publish(ticket t) noexcept { from_.publish(t); }
    void withdraw() noexcept { from_.withdraw(); }
    [[nodiscard]] std::optional<T> result() noexcept { return from_.take(); }

private:
    oneshot_state<T>& from_;
};

}  // namespace detail

template <class T>
class oneshot_receiver;

/// The end of a `oneshot` that gives the value. Going without having done so tells the receiver
/// that none will come.
template <class T>
class oneshot_sender {
public:
    oneshot_sender(oneshot_sender&&) noexcept = default;
    oneshot_sender& operator=(oneshot_sender&& other) noexcept {
        oneshot_sender taken(std::move(other));
        std::swap(state_, taken.state_);
        return *this;
    }
    ~oneshot_sender() {
        if (state_ != nullptr) state_->finish(nullptr);
    }

    /// Gives the value; never waits. False when the receiver has gone, or a value was given before:
    /// then `value` is as it was.
    bool send(T& value) noexcept {
        return state_ != nullptr && std::exchange(state_, nullptr)->finish(&value);
    }
    bool send(T&& value) noexcept { return send(value); }

    /// Whether nobody waits for the value any more.
    [[nodiscard]] bool is_closed() const noexcept {
        return state_ == nullptr || state_->receiver_left();
    }

private:
    template <class U>
    friend std::pair<oneshot_sender<U>, oneshot_receiver<U>> oneshot();

    explicit oneshot_sender(std::shared_ptr<detail::oneshot_state<T>> state) noexcept
        : state_(std::move(state)) {}

    std::shared_ptr<detail::oneshot_state<T>> state_;
};

/// The end of a `oneshot` that gets the value.
template <class T>
class oneshot_receiver {
public:
    oneshot_receiver(oneshot_receiver&&) noexcept = default;
    oneshot_receiver& operator=(oneshot_receiver&& other) noexcept {
        oneshot_receiver taken(std::move(other));
        std::swap(state_, taken.state_);
        return *this;
    }
    ~oneshot_receiver() {
        if (state_ != nullptr) state_->receiver_leaves();
    }

    /// Waits for the value; empty when the sender has gone without, or it was taken before.
    /// Cancellation: the value stays where it is, for the next `receive`.
    [[nodiscard("co_await the receive")]] auto receive() noexcept {
        return detail::oneshot_receive<T>(*state_);
    }

    /// As `receive`, but gives up at `when`, or after `length`: throws `timed_out`.
    [[nodiscard("co_await the receive")]] auto receive_until(time_point when) {
        return detail::timed_operation<detail::oneshot_receive<T>>(when, *state_);
    }
    [[nodiscard("co_await the receive")]] auto receive_for(auto length) {
        return receive_until(saturating_add(clock::now(), length));
    }

    /// The value if it is there, without waiting.
    [[nodiscard]] std::optional<T> try_receive() noexcept {
        return state_->finished() ? state_->take() : std::nullopt;
    }

private:
    template <class U>
    friend std::pair<oneshot_sender<U>, oneshot_receiver<U>> oneshot();

    explicit oneshot_receiver(std::shared_ptr<detail::oneshot_state<T>> state) noexcept
        : state_(std::move(state)) {}

    std::shared_ptr<detail::oneshot_state<T>> state_;
};

/// One value from one task to another, in either life: an answer to a request, for one.
///
///     auto [answer, answered] = oneshot<reply>();
///
/// Threads: each end belongs to one at a time. T moves without throwing.
template <class T>
[[nodiscard]] std::pair<oneshot_sender<T>, oneshot_receiver<T>> oneshot() {
    static_assert(sendable<T>, "what goes through a oneshot crosses threads: T must be sendable");
    static_assert(
        std::is_nothrow_move_constructible_v<T>,
        "T must move without throwing: a value may not be lost halfway"
    );
    auto state = std::make_shared<detail::oneshot_state<T>>();
    return {oneshot_sender<T>(state), oneshot_receiver<T>(state)};
}

template <class T>
inline constexpr bool enable_sendable<oneshot_sender<T>> = sendable<T>;
template <class T>
inline constexpr bool enable_sendable<oneshot_receiver<T>> = sendable<T>;

}  // namespace amphi
