// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/callable.hpp>
#include <amphi/sync/once.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace amphi {

/// A value that is made when it is first asked for:
///
///     co_await settings.make(load, path);
///     use(*settings);
///
/// Many may use it at a time, so it is const, unless a T synchronises itself (`shareable`). What
/// changes belongs into a `mutex`: `lazy<std::shared_ptr<mutex<T>>>`.
///
/// Threads: any, in both lives at once. Lifetime: outlives every `make` that has begun.
template <class T>
class lazy {
public:
    /// Makes the value by `f(args...)`, a task of T, unless there is one; as `once::call`.
    template <class F, class... Args>
    [[nodiscard("co_await the call")]] task<> make(F&& f, Args&&... args) {
        detail::check_awaited_in_place<F>();
        if (once_.done()) co_return;
        co_await once_.call(fill<F, Args...>, value_, f, args...);
    }

    /// Whether there is a value.
    [[nodiscard]] explicit operator bool() const noexcept { return once_.done(); }

    /// The value, once `make` has returned or `bool` said so.
    [[nodiscard]] const T& operator*() const noexcept { return *value_; }
    [[nodiscard]] const T* operator->() const noexcept { return &*value_; }
    [[nodiscard]] T& operator*() noexcept
        requires shareable<T>
    {
        return *value_;
    }
    [[nodiscard]] T* operator->() noexcept
        requires shareable<T>
    {
        return &*value_;
    }

private:
    template <class F, class... Args>
    static task<> fill(
        std::optional<T>& into,
        std::remove_reference_t<F>& f,
        std::remove_reference_t<Args>&... args
    ) {
        into.emplace(co_await f(std::forward<Args>(args)...));
    }

    once once_;
    std::optional<T> value_;
};

template <class T>
inline constexpr bool enable_shareable<lazy<T>> = sendable<T>;

}  // namespace amphi
