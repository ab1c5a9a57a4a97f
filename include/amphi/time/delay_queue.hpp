// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/timer.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/waiter.hpp>
#include <amphi/time/delay_heap.hpp>

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

/// Those who wait for the first item of a `delay_queue`. Each has its own timer for the time that
/// was the first when it came; what comes before that wakes them all, to look again.
class AMPHI_EXPORT delay_line {
public:
    /// A place in it. It lives in the operation that waits.
    class place : public list_node<place> {
    public:
        ticket parked;
    };

    delay_line() noexcept = default;
    delay_line(const delay_line&) = delete;
    delay_line& operator=(const delay_line&) = delete;

    /// Lets all in the line look again when it goes out of scope: declared before the guard of the
    /// queue's lock.
    class AMPHI_EXPORT wakes {
    public:
        wakes() noexcept = default;
        wakes(const wakes&) = delete;
        wakes& operator=(const wakes&) = delete;
        ~wakes();

        /// Under the queue's lock.
        void add(delay_line& line) noexcept;

    private:
        intrusive_list<place> claimed_;
    };

    void push_back(place& waiting) noexcept { waiting_.push_back(waiting); }
    void remove(place& waiting) noexcept { waiting_.remove(waiting); }

private:
    intrusive_list<place> waiting_;
};

}  // namespace detail

/// Items that each become receivable at a time of their own: what is to be tried again, sessions
/// that expire.
///
///     delay_queue<session> idle;
///     auto key = idle.insert(std::move(opened), 30s);
///     idle.reset(key, 30s);                           // it was used
///     while (auto expired = co_await idle.receive())  // in another task
///         drop(*expired);
///
/// They come in the order of their times; of one time, as they were inserted. One that is due is
/// not ahead of its time, and late only as the program is.
///
/// Threads: any, in both lives at once.
/// Lifetime: outlives whoever waits.
/// Cost: each change takes time logarithmic in the number of items. Each task that receives is
/// woken for the first item: meant for one or a few.
template <class T>
class delay_queue {
    static_assert(sendable<T>, "what a delay_queue holds crosses threads: T must be sendable");
    static_assert(
        std::is_nothrow_move_constructible_v<T>,
        "T must move without throwing: an item may not be lost halfway"
    );

    class due_operation : public detail::operation<due_operation>, private detail::timer {
    public:
        explicit due_operation(delay_queue& queue) noexcept : queue_(queue) {}

        [[nodiscard]] bool poll() {
            const detail::lock_guard guard(queue_.lock_);
            return queue_.is_ready(clock::now());
        }
        void publish(detail::ticket t) {
            this->keep(t);
            place_.parked = t;
            {
                const detail::lock_guard guard(queue_.lock_);
                if (queue_.is_ready(clock::now())) {
                    (void)t.claim();
                    return;
                }
                until_ = queue_.items_.first_due();
                queue_.line_.push_back(place_);
            }
            // Whoever claims meanwhile wakes nobody: the wait is not armed yet.
            if (this->where_->suspends() && until_ != never) this->arm(until_);
        }
        void withdraw() noexcept {
            this->disarm();
            const detail::lock_guard guard(queue_.lock_);
            queue_.line_.remove(place_);
        }
        void result() const noexcept {}
        [[nodiscard]] time_point until() const noexcept { return until_; }

    private:
        void expire() noexcept override {
            const detail::ticket parked = this->kept();
            if (parked.claim() == detail::claim_result::must_wake) parked.wake();
        }

        delay_queue& queue_;
        detail::delay_line::place place_;
        time_point until_ = never;
    };

public:
    delay_queue() = default;
    delay_queue(const delay_queue&) = delete;
    delay_queue& operator=(const delay_queue&) = delete;
    ~delay_queue() = default;

    /// Puts an item in that is due at `when`, or after `length`, from negative (at once) to the
    /// maximum of its type (never). Also into a closed queue. Throws `std::bad_alloc`.
    delay_key insert_at(T item, time_point when) {
        detail::delay_line::wakes to_wake;
        const detail::lock_guard guard(lock_);
        const bool is_first = when < items_.first_due();
        const delay_key key = items_.insert(std::move(item), when);
        if (is_first) to_wake.add(line_);
        return key;
    }
    delay_key insert(T item, auto length) {
        return insert_at(std::move(item), saturating_add(clock::now(), length));
    }

    /// Takes an item out before its time; empty when it is not in the queue any more.
    std::optional<T> remove(delay_key key) {
        detail::delay_line::wakes to_wake;
        const detail::lock_guard guard(lock_);
        std::optional<T> item = items_.remove(key);
        if (is_closed_ && items_.empty()) to_wake.add(line_);
        return item;
    }

    /// Gives an item another time. False when it is not in the queue any more.
    bool reset_at(delay_key key, time_point when) {
        detail::delay_line::wakes to_wake;
        const detail::lock_guard guard(lock_);
        const bool is_first = when < items_.first_due();
        if (!items_.reset(key, when)) return false;
        if (is_first) to_wake.add(line_);
        return true;
    }
    bool reset(delay_key key, auto length) {
        return reset_at(key, saturating_add(clock::now(), length));
    }

    /// Waits until an item is due and takes it; empty when the queue is closed and empty.
    /// Cancellation: nothing was taken.
    task<std::optional<T>> receive() {
        for (;;) {
            std::optional<T> item = try_receive();
            if (item || has_ended()) co_return item;
            co_await due();
        }
    }

    /// The first item if it is due, without waiting.
    [[nodiscard]] std::optional<T> try_receive() {
        const detail::lock_guard guard(lock_);
        if (items_.empty() || items_.first_due() > clock::now()) return std::nullopt;
        return items_.take_first();
    }

    /// For `select`: waits until it is worthwhile to `try_receive`. Another may be faster, and it
    /// ends too when an earlier item was put in; so be ready to find none and to wait again.
    [[nodiscard("co_await it")]] due_operation due() noexcept { return due_operation(*this); }

    /// When the first item is due; `never` when there is none.
    [[nodiscard]] time_point next_due() const noexcept {
        const detail::lock_guard guard(lock_);
        return items_.first_due();
    }

    /// Whoever receives is told the end once the queue is empty. What is in it still comes at its
    /// time.
    void close() noexcept {
        detail::delay_line::wakes to_wake;
        const detail::lock_guard guard(lock_);
        is_closed_ = true;
        if (items_.empty()) to_wake.add(line_);
    }

    [[nodiscard]] std::size_t size() const noexcept {
        const detail::lock_guard guard(lock_);
        return items_.size();
    }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

private:
    [[nodiscard]] bool is_ready(time_point now) const noexcept AMPHI_REQUIRES(lock_) {
        return items_.empty() ? is_closed_ : items_.first_due() <= now;
    }
    [[nodiscard]] bool has_ended() const noexcept {
        const detail::lock_guard guard(lock_);
        return is_closed_ && items_.empty();
    }

    mutable detail::lock lock_;
    detail::delay_heap<T> items_ AMPHI_GUARDED_BY(lock_);
    bool is_closed_ AMPHI_GUARDED_BY(lock_) = false;
    detail::delay_line line_ AMPHI_GUARDED_BY(lock_);
};

template <class T>
inline constexpr bool enable_shareable<delay_queue<T>> = true;

}  // namespace amphi
