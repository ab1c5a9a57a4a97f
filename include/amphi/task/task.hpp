// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/foreign.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/promise.hpp>
#include <amphi/task/thread_state.hpp>

#include <atomic>
#include <concepts>
#include <coroutine>
#include <exception>
#include <type_traits>
#include <utility>

namespace amphi {

template <class T>
class task;

namespace detail {

class task_access;

template <class T>
class promise;

/// Owns a task's frame until it is awaited or started.
template <class T>
class frame_owner {
public:
    explicit frame_owner(promise<T>* frame) noexcept : frame_(frame) {}
    frame_owner(frame_owner&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    frame_owner& operator=(frame_owner&&) = delete;
    ~frame_owner() { reset(); }

    [[nodiscard]] promise<T>* get() const noexcept { return frame_; }
    [[nodiscard]] promise<T>* release() noexcept { return std::exchange(frame_, nullptr); }
    void reset() noexcept {
        if (frame_ != nullptr) std::exchange(frame_, nullptr)->handle().destroy();
    }

private:
    promise<T>* frame_;
};

/// What `co_await` of a task makes: runs the child in place and takes its result.
template <class T>
class child_awaiter {
public:
    child_awaiter(frame_owner<T> child, promise_base& parent, const context& where) noexcept
        : child_(std::move(child)) {
        child_.get()->parent = &parent;
        child_.get()->where = &where;
    }
    child_awaiter(const child_awaiter&) = delete;
    child_awaiter& operator=(const child_awaiter&) = delete;

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    [[nodiscard]] bool await_suspend(std::coroutine_handle<>) noexcept {
        return resume_in_place(*child_.get());
    }
    T await_resume() { return child_.get()->take(); }

private:
    frame_owner<T> child_;
};

/// A task to be awaited under a context of its own: inside a scope, under a deadline.
template <class T>
class task_in {
public:
    task_in(frame_owner<T> child, const context& where) noexcept
        : child_(std::move(child))
        , where_(where) {}
    task_in(task_in&&) noexcept = default;
    task_in& operator=(task_in&&) = delete;
    ~task_in() = default;

private:
    friend class awaiting_promise;
    frame_owner<T> child_;
    const context& where_;
};

template <class T>
class child_in_awaiter : public child_awaiter<T> {
public:
    child_in_awaiter(frame_owner<T> child, promise_base& parent, const context& where) noexcept
        : child_awaiter<T>(std::move(child), parent, where)
        , parent_(parent)
        , where_(where) {}

    [[nodiscard]] bool await_suspend(std::coroutine_handle<> h) noexcept {
        this_thread().current = &where_;
        return child_awaiter<T>::await_suspend(h);
    }
    T await_resume() {
        this_thread().current = parent_.where;
        return child_awaiter<T>::await_resume();
    }

private:
    promise_base& parent_;
    const context& where_;
};

/// `co_await current_where()` gives a coroutine its own context without suspending.
class current_where {};

class where_awaiter {
public:
    explicit where_awaiter(const context& where) noexcept : where_(where) {}
    [[nodiscard]] bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    [[nodiscard]] const context& await_resume() const noexcept { return where_; }

private:
    const context& where_;
};

/// What may stand behind `co_await` in a task.
class awaiting_promise : public promise_base {
public:
    /// By value: a prvalue binds, while `co_await t` and `co_await std::move(t)` of a named task do
    /// not compile. So a task is awaited where it is made, and its reference parameters are alive.
    template <class T>
    [[nodiscard]] child_awaiter<T>
    await_transform(task<T> child, await_place here = __builtin_source_location());

    template <class T>
    [[nodiscard]] child_in_awaiter<T>
    await_transform(task_in<T> child, await_place here = __builtin_source_location()) {
        await_site.store(here, std::memory_order_relaxed);
        return child_in_awaiter<T>(std::move(child.child_), *this, child.where_);
    }

    /// Other forms of a task that was just made (`as_result`) bring their own awaiter.
    template <class Made>
    [[nodiscard]] auto await_transform(Made&& made, await_place here = __builtin_source_location())
        requires requires { std::forward<Made>(made).awaiter_in(*this); }
    {
        await_site.store(here, std::memory_order_relaxed);
        return std::forward<Made>(made).awaiter_in(*this);
    }

    template <class Operation>
        requires is_operation<std::remove_cvref_t<Operation>>
    [[nodiscard]] operation_awaiter<std::remove_cvref_t<Operation>>
    await_transform(Operation&& op, await_place here = __builtin_source_location()) noexcept {
        await_site.store(here, std::memory_order_relaxed);
        return operation_awaiter<std::remove_cvref_t<Operation>>(op, *where);
    }

    /// A third party's awaitable: a coroutine of its own awaits it for the task.
    template <class Awaitable>
        requires foreign_awaitable<Awaitable>
    [[nodiscard]] foreign_await<Awaitable>
    await_transform(Awaitable&& awaited, await_place here = __builtin_source_location()) {
        await_site.store(here, std::memory_order_relaxed);
        return foreign_await<Awaitable>(std::forward<Awaitable>(awaited), *where);
    }

    [[nodiscard]] where_awaiter await_transform(current_where) const noexcept {
        return where_awaiter(*where);
    }
};

template <class T>
class promise final : public awaiting_promise {
public:
    promise() noexcept {}
    ~promise() {
        if (has_value_) value_.~T();
    }
    promise(const promise&) = delete;
    promise& operator=(const promise&) = delete;

    [[nodiscard]] task<T> get_return_object() noexcept;
    [[nodiscard]] final_awaiter final_suspend() const noexcept { return {}; }

    template <class U = T>
        requires std::constructible_from<T, U>
    void return_value(U&& value) noexcept(std::is_nothrow_constructible_v<T, U>) {
        ::new (static_cast<void*>(&value_)) T(std::forward<U>(value));
        has_value_ = true;
    }

    /// The result, or the exception that left the body.
    [[nodiscard]] T take() {
        if (error) std::rethrow_exception(std::move(error));
        return std::move(value_);
    }

private:
    union {
        T value_;
    };
    bool has_value_ = false;
};

template <>
class promise<void> final : public awaiting_promise {
public:
    [[nodiscard]] task<void> get_return_object() noexcept;
    [[nodiscard]] final_awaiter final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void take() {
        if (error) std::rethrow_exception(std::move(error));
    }
};

}  // namespace detail

/// A lazy coroutine, written once for both lives: on a plain thread each `co_await` in it blocks,
/// on the async executor it suspends. It starts when it is awaited, and it is awaited where it is
/// made:
///
///     auto body = co_await read_all(connection);
///
/// so that what it refers to outlives it. It is neither copyable nor movable; to run it
/// concurrently, give the function and its arguments to `spawn`.
///
/// Besides tasks and operations, anything with an `operator co_await` or the three functions of an
/// awaiter may be awaited; whatever thread resumes that, the task goes on where it runs.
///
/// Cancellation: seen at the operations awaited inside, as an exception. A frame always runs to its
/// end. A third party's awaitable is not begun after a stop, and once begun not cut short; where
/// that matters, let its callback complete a `completion`.
/// Cost: one frame from a per-thread free list; awaiting a child that does not suspend is a call.
template <class T = void>
class [[nodiscard("a task does nothing until it is awaited: co_await it where it is made")]] task {
    static_assert(!std::is_reference_v<T>, "a task returns a value: references dangle too easily");
    static_assert(
        std::is_void_v<T> || alignof(std::conditional_t<std::is_void_v<T>, char, T>) <=
                                 __STDCPP_DEFAULT_NEW_ALIGNMENT__,
        "a task's result may not be over-aligned: return a std::unique_ptr to it"
    );

public:
    using promise_type = detail::promise<T>;
    using value_type = T;

    task(const task&) = delete;
    task& operator=(const task&) = delete;
    ~task() = default;

private:
    friend promise_type;
    friend class detail::awaiting_promise;
    friend class detail::task_access;

    explicit task(promise_type& frame) noexcept : frame_(&frame) {}

    detail::frame_owner<T> frame_;
};

namespace detail {

/// For the library's verbs: takes the frame out of a task that was just made.
class task_access {
public:
    template <class T>
    [[nodiscard]] static frame_owner<T> release(task<T>&& made) noexcept {
        return std::move(made.frame_);
    }
};

template <class T>
child_awaiter<T> awaiting_promise::await_transform(task<T> child, await_place here) {
    await_site.store(here, std::memory_order_relaxed);
    return child_awaiter<T>(std::move(child.frame_), *this, *where);
}

template <class T>
task<T> promise<T>::get_return_object() noexcept {
    return task<T>(*this);
}

inline task<void> promise<void>::get_return_object() noexcept {
    return task<void>(*this);
}

template <class T>
inline constexpr bool is_task_v = false;
template <class T>
inline constexpr bool is_task_v<task<T>> = true;

}  // namespace detail
}  // namespace amphi
