// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/assert.hpp>
#include <amphi/task/promise.hpp>
#include <amphi/task/task.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace amphi {

template <class T>
class stream;

namespace detail {

/// Where a stream stands between two items. As at a task's end: nothing to do when whoever asked
/// for the item still stands below on the native stack.
struct yield_awaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> yielding) const noexcept {
        promise_base& frame = yielding.promise();
        const bool nested = std::exchange(frame.parent_suspended, nullptr) != nullptr;
        if (!nested) hand_to_loop(frame);
    }
    void await_resume() const noexcept {}
};

template <class T>
class stream_promise final : public awaiting_promise {
public:
    [[nodiscard]] stream<T> get_return_object() noexcept { return stream<T>(*this); }
    [[nodiscard]] final_awaiter final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}

    /// The item is made before the frame suspends. Braces alone are refused: g++ 12 destroys what
    /// they make twice.
    template <class U>
        requires std::constructible_from<T, U>
    [[nodiscard]] yield_awaiter yield_value(U&& item) {
        item_.emplace(std::forward<U>(item));
        return {};
    }

    /// The item that was yielded; empty at the end. Throws what left the body.
    [[nodiscard]] std::optional<T> take() {
        if (error) std::rethrow_exception(std::move(error));
        return std::exchange(item_, std::nullopt);
    }

private:
    std::optional<T> item_;
};

/// What `co_await stream.next()` makes: runs the body in place up to its next item.
template <class T>
class next_awaiter {
public:
    next_awaiter(stream<T>& from, promise_base& parent) noexcept : from_(from), parent_(parent) {}
    next_awaiter(const next_awaiter&) = delete;
    next_awaiter& operator=(const next_awaiter&) = delete;

    [[nodiscard]] bool await_ready() const { return !from_.begin_next(parent_); }
    [[nodiscard]] bool await_suspend(std::coroutine_handle<>) noexcept {
        return resume_in_place(*from_.frame_);
    }
    [[nodiscard]] std::optional<T> await_resume() { return from_.finish_next(); }

private:
    stream<T>& from_;
    promise_base& parent_;
};

/// The wait for a stream's next item. Awaited where it is made, as a task is.
template <class T>
class next_item {
public:
    using value_type = std::optional<T>;

    explicit next_item(stream<T>& from) noexcept : from_(from) {}
    next_item(const next_item&) = delete;
    next_item& operator=(const next_item&) = delete;

    [[nodiscard]] next_awaiter<T> awaiter_in(promise_base& parent) && noexcept {
        return next_awaiter<T>(from_, parent);
    }

private:
    stream<T>& from_;
};

}  // namespace detail

/// Values that a coroutine makes one after the other, each when it is asked for:
///
///     stream<int> numbers(int last) {
///         for (int n = 1; n <= last; ++n) {
///             co_await sleep_for(1s);
///             co_yield n;
///         }
///     }
///
///     auto count = numbers(3);
///     while (auto n = co_await count.next())
///         use(*n);
///
/// The body is a task's: it may await what a task may, it blocks on a plain thread and suspends on
/// async. It runs inside `next` alone, in the task that awaits it: with that one's stop, deadline
/// and task locals, and in the trace of what it throws. Where the source shall run on while its
/// items are used, `merge`, `buffered` and `chunks_timeout` give it a task of its own.
///
/// It begins with the first `next`. The coroutine's parameters live as long as the stream: take
/// them by value; what it takes by reference outlives the stream.
///
/// Threads: one task at a time asks for items, today this one and tomorrow another, of either life.
/// So what its body holds across a `co_yield` may not be a thread's own, as a `std::mutex` is.
/// Cancellation: a stop inside `next` ends what the body waits for, and with it the stream, unless
/// the body catches that.
/// Lifetime: it may be moved between two `next`, not during one. Destroyed before its end, its body
/// is left at the `co_yield` where it stands, as by a `return`: it waits for nothing there. An
/// ended stream has let go of everything that it held.
/// Errors: what leaves the body is thrown by `next`, once, and ends the stream; after its end
/// `next` gives nothing again. `std::logic_error` for two `next` at once. Cost: one frame for the
/// whole stream; an item is a call.
template <class T>
class [[nodiscard("a stream makes nothing until its next() is awaited")]] stream {
    static_assert(
        std::is_object_v<T> && !std::is_const_v<T> && std::move_constructible<T>,
        "a stream gives values: its items must be movable objects"
    );
    static_assert(
        alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__,
        "a stream's items may not be over-aligned: yield a std::unique_ptr to them"
    );

public:
    using promise_type = detail::stream_promise<T>;
    using value_type = T;

    stream(stream&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {
        AMPHI_ASSERT(frame_ == nullptr || !is_asked());
    }
    stream& operator=(stream&& other) noexcept {
        stream taken(std::move(other));
        std::swap(frame_, taken.frame_);
        return *this;
    }
    ~stream() { reset(); }

    /// Waits for the next item; empty at the end.
    /// Cancellation: see the stream's; one that has a buffer keeps nothing.
    [[nodiscard("co_await the next item")]] detail::next_item<T> next() noexcept {
        return detail::next_item<T>(*this);
    }

private:
    friend promise_type;
    friend class detail::next_awaiter<T>;

    explicit stream(promise_type& frame) noexcept : frame_(&frame) {}

    /// A frame has a parent while that one waits for an item.
    [[nodiscard]] bool is_asked() const noexcept { return frame_->parent != nullptr; }

    /// False at the end.
    [[nodiscard]] bool begin_next(detail::promise_base& parent) const {
        if (frame_ == nullptr) return false;
        if (is_asked()) throw std::logic_error("a stream was asked for two items at once");
        frame_->parent = &parent;
        frame_->where = parent.where;
        return true;
    }

    [[nodiscard]] std::optional<T> finish_next() {
        if (frame_ == nullptr) return std::nullopt;
        frame_->parent = nullptr;
        if (!frame_->handle().done()) return frame_->take();
        const stream ended(std::move(*this));
        return ended.frame_->take();
    }

    void reset() noexcept {
        if (frame_ == nullptr) return;
        AMPHI_ASSERT(!is_asked());
        std::exchange(frame_, nullptr)->handle().destroy();
    }

    promise_type* frame_;
};

/// Puts a stream through what makes another one of it: `numbers(9) | map(square) | take(3)`. Any
/// callable that takes a `stream<T>` may stand on the right.
template <class T, class Adaptor>
    requires requires(stream<T>& from, Adaptor&& adaptor) {
        std::forward<Adaptor>(adaptor)(std::move(from));
    }
[[nodiscard]] auto operator|(stream<T> from, Adaptor&& adaptor) {
    return std::forward<Adaptor>(adaptor)(std::move(from));
}

/// All items of a stream, at its end.
/// Cancellation: what had come is lost.
template <class T>
task<std::vector<T>> collect(stream<T> from) {
    std::vector<T> items;
    while (std::optional<T> item = co_await from.next())
        items.push_back(std::move(*item));
    co_return items;
}

}  // namespace amphi
