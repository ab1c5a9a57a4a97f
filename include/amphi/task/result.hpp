// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/promise.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace amphi {

/// What a task came to: its value, or the exception that left it.
template <class T = void>
class result {
    using stored = std::conditional_t<std::is_void_v<T>, std::true_type, T>;

public:
    explicit result(std::exception_ptr error) noexcept : error_(std::move(error)) {}
    template <class... Args>
    explicit result(std::in_place_t, Args&&... args)
        : value_(std::in_place, std::forward<Args>(args)...) {}

    [[nodiscard]] bool has_value() const noexcept { return value_.has_value(); }
    [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }

    /// Null when there is a value.
    [[nodiscard]] const std::exception_ptr& error() const noexcept { return error_; }

    /// The value; throws the exception when there is none.
    T value() && {
        if (error_) std::rethrow_exception(error_);
        if constexpr (!std::is_void_v<T>) return std::move(*value_);
    }

private:
    std::optional<stored> value_;
    std::exception_ptr error_;
};

namespace detail {

/// A task that is awaited for its outcome.
template <class T>
class task_for_result {
public:
    explicit task_for_result(frame_owner<T> child) noexcept : child_(std::move(child)) {}
    task_for_result(const task_for_result&) = delete;
    task_for_result& operator=(const task_for_result&) = delete;

    [[nodiscard]] auto awaiter_in(promise_base& parent) && noexcept;

private:
    frame_owner<T> child_;
};

template <class T>
class result_awaiter : public child_awaiter<T> {
public:
    using child_awaiter<T>::child_awaiter;

    [[nodiscard]] result<T> await_resume() {
        try {
            if constexpr (std::is_void_v<T>) {
                child_awaiter<T>::await_resume();
                return result<T>(std::in_place);
            } else {
                return result<T>(std::in_place, child_awaiter<T>::await_resume());
            }
        } catch (...) {
            return result<T>(std::current_exception());
        }
    }
};

template <class T>
auto task_for_result<T>::awaiter_in(promise_base& parent) && noexcept {
    return result_awaiter<T>(std::move(child_), parent, *parent.where);
}

}  // namespace detail

/// `auto r = co_await as_result(f(x));` yields what f came to instead of throwing it: for code
/// after which another `co_await` must come, since none may stand in a catch block.
template <class T>
[[nodiscard("co_await it")]] detail::task_for_result<T> as_result(task<T> made) noexcept {
    return detail::task_for_result<T>(detail::task_access::release(std::move(made)));
}

template <class T>
inline constexpr bool enable_sendable<result<T>> = sendable<T>;

}  // namespace amphi
