// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/task/frame_cache.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/promise.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/waiter.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

namespace amphi::detail {

/// The awaiter of a third party's awaitable, as any coroutine would get it.
template <class Awaitable>
decltype(auto) foreign_awaiter_of(Awaitable&& awaited) {
    if constexpr (requires { std::forward<Awaitable>(awaited).operator co_await(); })
        return std::forward<Awaitable>(awaited).operator co_await();
    else if constexpr (requires { operator co_await(std::forward<Awaitable>(awaited)); })
        return operator co_await(std::forward<Awaitable>(awaited));
    else
        return std::forward<Awaitable>(awaited);
}

/// What a third party made for `co_await` in any coroutine. Nothing of amphi's is: a task and an
/// operation have no awaiter that would know where they run.
template <class Awaitable>
concept foreign_awaitable = requires(Awaitable&& awaited) {
    {
        foreign_awaiter_of(std::forward<Awaitable>(awaited)).await_ready()
    } -> std::convertible_to<bool>;
    foreign_awaiter_of(std::forward<Awaitable>(awaited)).await_resume();
};

/// Whether a foreign await is over, and who waits for that: the task, while the third party still
/// has the handle.
class AMPHI_EXPORT foreign_end {
public:
    foreign_end() noexcept = default;
    foreign_end(const foreign_end&) = delete;
    foreign_end& operator=(const foreign_end&) = delete;

    /// By the coroutine that awaited, as its last act: whoever waits may destroy both.
    void reach() noexcept;

    [[nodiscard]] bool is_reached() const noexcept;
    void publish(ticket t) noexcept;
    void withdraw() noexcept;

private:
    mutable lock lock_;
    bool reached_ AMPHI_GUARDED_BY(lock_) = false;
    ticket waiting_ AMPHI_GUARDED_BY(lock_);
};

/// A coroutine of its own that awaits for a task. The third party gets its handle and never a
/// task's, whose body would else go on inside the `resume()` of some thread of theirs.
class foreign_shim {
public:
    class promise_type {
    public:
        template <class Awaitable, class Outcome>
        promise_type(Awaitable&, Outcome&, foreign_end& end) noexcept : end_(end) {}

        static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
        static void operator delete(void* frame, std::size_t bytes) noexcept {
            free_frame(frame, bytes);
        }

        [[nodiscard]] foreign_shim get_return_object() noexcept {
            return foreign_shim(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
        [[nodiscard]] auto final_suspend() const noexcept { return final_awaiter(end_); }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); }  // it catches all

    private:
        class final_awaiter {
        public:
            explicit final_awaiter(foreign_end& end) noexcept : end_(end) {}
            [[nodiscard]] bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<>) const noexcept { end_.reach(); }
            void await_resume() const noexcept {}

        private:
            foreign_end& end_;
        };

        foreign_end& end_;
    };

    foreign_shim(const foreign_shim&) = delete;
    foreign_shim& operator=(const foreign_shim&) = delete;
    ~foreign_shim() { frame_.destroy(); }

    void begin() const { frame_.resume(); }

private:
    explicit foreign_shim(std::coroutine_handle<> frame) noexcept : frame_(frame) {}

    std::coroutine_handle<> frame_;
};

/// What came of a foreign await; a reference is kept as one. (std::optional would double what the
/// header costs.)
template <class T>
class foreign_outcome {
public:
    foreign_outcome() noexcept {}
    foreign_outcome(const foreign_outcome&) = delete;
    foreign_outcome& operator=(const foreign_outcome&) = delete;
    ~foreign_outcome() {
        if (has_value_) value_.~T();
    }

    template <class Awaited>
    void keep(Awaited&& awaited) {
        ::new (static_cast<void*>(&value_)) T(std::forward<Awaited>(awaited));
        has_value_ = true;
    }
    void keep_error(std::exception_ptr error) noexcept { error_ = std::move(error); }

    T take() {
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
        return std::move(value_);
    }

private:
    union {
        T value_;
    };
    bool has_value_ = false;
    std::exception_ptr error_;
};

template <class T>
    requires std::is_reference_v<T>
class foreign_outcome<T> {
public:
    void keep(T awaited) noexcept { value_ = __builtin_addressof(awaited); }
    void keep_error(std::exception_ptr error) noexcept { error_ = std::move(error); }

    T take() {
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
        return static_cast<T>(*value_);
    }

private:
    std::add_pointer_t<T> value_ = nullptr;
    std::exception_ptr error_;
};

template <>
class foreign_outcome<void> {
public:
    void keep_error(std::exception_ptr error) noexcept { error_ = std::move(error); }
    void take() {
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    }

private:
    std::exception_ptr error_;
};

template <class Awaitable, class T>
foreign_shim await_for_task(Awaitable& awaited, foreign_outcome<T>& outcome, foreign_end&) {
    try {
        if constexpr (std::is_void_v<T>)
            co_await static_cast<Awaitable&&>(awaited);
        else
            outcome.keep(co_await static_cast<Awaitable&&>(awaited));
    } catch (...) {
        outcome.keep_error(std::current_exception());
    }
}

/// The wait for a third party's awaitable. A stop is seen before it; afterwards nothing cuts it
/// short, since the awaitable knows of no stop and may live in the awaiting frame.
template <class Awaitable>
class foreign_operation : public operation<foreign_operation<Awaitable>> {
    using value = decltype(foreign_awaiter_of(std::declval<Awaitable>()).await_resume());

public:
    static constexpr bool cancellable = false;

    explicit foreign_operation(Awaitable&& awaited)
        : shim_(await_for_task<Awaitable, value>(awaited, outcome_, end_)) {}

    [[nodiscard]] bool poll() {
        if (stop_requested(*this->where_)) this->throw_stopped();
        shim_.begin();
        return end_.is_reached();
    }
    void publish(ticket t) noexcept { end_.publish(t); }
    void withdraw() noexcept { end_.withdraw(); }
    value result() { return outcome_.take(); }

private:
    foreign_end end_;
    foreign_outcome<value> outcome_;
    foreign_shim shim_;
};

/// What `co_await` of a third party's awaitable makes in a task.
template <class Awaitable>
class foreign_await {
public:
    foreign_await(Awaitable&& awaited, const context& where)
        : operation_(std::forward<Awaitable>(awaited)) {
        operation_.set_where(where);
    }
    foreign_await(const foreign_await&) = delete;
    foreign_await& operator=(const foreign_await&) = delete;

    [[nodiscard]] bool await_ready() { return operation_.ready(operation_.where()); }
    [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> frame) {
        return operation_.suspend(promise_base::of(frame));
    }
    decltype(auto) await_resume() { return operation_.finish(); }

private:
    foreign_operation<Awaitable> operation_;
};

}  // namespace amphi::detail
