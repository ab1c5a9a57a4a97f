// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/sync/shared_end.hpp>
#include <amphi/sync/timed.hpp>
#include <amphi/sync/wait_line.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/waiter.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace amphi {

namespace detail {

/// What the ends of a watch share: the latest value and its version.
template <class T>
class watch_state {
    using wakes = woken_later<place_in_line>;

public:
    explicit watch_state(std::shared_ptr<const T> first) noexcept : value_(std::move(first)) {}
    watch_state(const watch_state&) = delete;
    watch_state& operator=(const watch_state&) = delete;

    void set(std::shared_ptr<const T> value) noexcept {
        wakes to_wake;
        const lock_guard guard(lock_);
        value_.swap(value);  // The old one ends after the guard: others' code.
        ++version_;
        wake_all(to_wake);
    }
    [[nodiscard]] std::shared_ptr<const T> get(std::uint64_t& version) const noexcept {
        const lock_guard guard(lock_);
        version = version_;
        return value_;
    }

    [[nodiscard]] bool is_newer(std::uint64_t seen) const noexcept {
        const lock_guard guard(lock_);
        return version_ != seen;
    }
    /// Whether a receiver that has seen that version would not wait.
    [[nodiscard]] bool has_news(std::uint64_t seen) const noexcept {
        const lock_guard guard(lock_);
        return version_ != seen || senders_ == 0;
    }
    void publish(std::uint64_t seen, place_in_line& place) noexcept {
        const lock_guard guard(lock_);
        if (version_ != seen || senders_ == 0)
            (void)place.parked.claim();
        else
            line_.push_back(place);
    }
    void withdraw(place_in_line& place) noexcept {
        const lock_guard guard(lock_);
        line_.remove(place);
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

private:
    void wake_all(wakes& to_wake) noexcept AMPHI_REQUIRES(lock_) {
        while (to_wake.claim_first(line_) != nullptr) {
        }
    }

    mutable lock lock_;
    std::shared_ptr<const T> value_ AMPHI_GUARDED_BY(lock_);
    std::uint64_t version_ AMPHI_GUARDED_BY(lock_) = 0;
    std::size_t senders_ AMPHI_GUARDED_BY(lock_) = 1;
    intrusive_list<place_in_line> line_ AMPHI_GUARDED_BY(lock_);
};

template <class T>
class watch_changed : public operation<watch_changed<T>> {
public:
    watch_changed(watch_state<T>& of, std::uint64_t& seen) noexcept : of_(of), seen_(seen) {}

    [[nodiscard]] bool poll() const noexcept { return of_.has_news(seen_); }
    void publish(ticket t) noexcept {
        place_.parked = t;
        of_.publish(seen_, place_);
    }
    void withdraw() noexcept { of_.withdraw(place_); }
    [[nodiscard]] std::shared_ptr<const T> result() noexcept {
        return of_.is_newer(seen_) ? of_.get(seen_) : nullptr;
    }

private:
    watch_state<T>& of_;
    std::uint64_t& seen_;
    place_in_line place_;
};

}  // namespace detail

/// An end of a `watch_channel` at which its latest value is seen.
///
/// Threads: a receiver belongs to one at a time, its copies to others.
template <class T>
class watch_receiver {
public:
    explicit watch_receiver(std::shared_ptr<detail::watch_state<T>> state) noexcept
        : state_(std::move(state)) {
        (void)state_->get(seen_);
    }

    /// The latest value, which counts as seen from now on. It stays as it is, whatever is set
    /// meanwhile.
    [[nodiscard]] std::shared_ptr<const T> get() noexcept { return state_->get(seen_); }

    /// Waits until there is a value that was not seen, at once when there is, and yields it, as
    /// `get` does. Values that were set in between are skipped. Null when all senders have gone and
    /// there is none:
    ///
    ///     while (auto now = co_await from.changed())
    ///         apply(*now);
    ///
    /// Cancellation: ends the wait, and nothing counts as seen.
    [[nodiscard("co_await the change")]] auto changed() noexcept {
        return detail::watch_changed<T>(*state_, seen_);
    }

    /// As `changed`, but gives up at `when`, or after `length`: throws `timed_out`.
    [[nodiscard("co_await the change")]] auto changed_until(time_point when) {
        return detail::timed_operation<detail::watch_changed<T>>(when, *state_, seen_);
    }
    [[nodiscard("co_await the change")]] auto changed_for(auto length) {
        return changed_until(saturating_add(clock::now(), length));
    }

    /// Whether there is a value that was not seen.
    [[nodiscard]] bool has_changed() const noexcept { return state_->is_newer(seen_); }

private:
    std::shared_ptr<detail::watch_state<T>> state_;
    std::uint64_t seen_ = 0;
};

/// The end of a `watch_channel` at which its value is set; copies set the same one.
///
/// Threads: a sender belongs to one at a time, its copies to others.
template <class T>
class watch_sender {
public:
    explicit watch_sender(std::shared_ptr<detail::watch_state<T>> state) noexcept
        : state_(std::move(state)) {}

    /// Replaces the value, and wakes who waits for a change. Never waits. Throws `std::bad_alloc`.
    void set(T value) { state_->set(std::make_shared<const T>(std::move(value))); }

    /// A receiver that has seen the value of now.
    [[nodiscard]] watch_receiver<T> subscribe() const noexcept {
        return watch_receiver<T>(state_.state());
    }

private:
    using shared = detail::watch_state<T>;

    detail::shared_end<shared, &shared::add_sender, &shared::remove_sender> state_;
};

/// One value that changes, of which each receiver wants the latest alone: settings, a state.
///
///     auto [to, from] = watch_channel<settings>(load());
///
/// Throws `std::bad_alloc`.
template <class T>
[[nodiscard]] std::pair<watch_sender<T>, watch_receiver<T>> watch_channel(T first) {
    static_assert(sendable<T>, "what is watched crosses threads: T must be sendable");
    auto state =
        std::make_shared<detail::watch_state<T>>(std::make_shared<const T>(std::move(first)));
    return {watch_sender<T>(state), watch_receiver<T>(state)};
}

template <class T>
inline constexpr bool enable_sendable<watch_sender<T>> = sendable<T>;
template <class T>
inline constexpr bool enable_sendable<watch_receiver<T>> = sendable<T>;

}  // namespace amphi
