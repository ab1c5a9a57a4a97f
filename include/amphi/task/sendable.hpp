// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/descriptor.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace amphi {

/// Whether a value of T may be handed to another thread. Denied unless known: references, raw
/// pointers, views, iterators, guards and handles refer to what the sender still uses. Opt in
/// beside the class, in one line:
///
///     template <>
///     inline constexpr bool amphi::enable_sendable<order> = true;
template <class T>
inline constexpr bool enable_sendable =
    std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_null_pointer_v<T> ||
    (std::is_pointer_v<T> && std::is_function_v<std::remove_pointer_t<T>>) ||
    (std::is_class_v<T> && std::is_empty_v<T>);

/// Whether one object of T may be used by several threads at once: it synchronises itself. Then a
/// `std::shared_ptr<T>` may be handed over. Denied unless known; opt in as to `enable_sendable`.
template <class T>
inline constexpr bool enable_shareable = false;

namespace detail {

/// Owning containers of the standard: they hold their elements by a stateless allocator.
template <class T>
concept owning_container = requires {
    typename T::value_type;
    typename T::allocator_type;
    requires std::is_empty_v<typename T::allocator_type>;
};

}  // namespace detail

template <detail::owning_container T>
inline constexpr bool enable_sendable<T> = [] {
    if constexpr (requires { typename T::mapped_type; })
        return enable_sendable<typename T::key_type> && enable_sendable<typename T::mapped_type>;
    else
        return enable_sendable<typename T::value_type>;
}();
template <class T, class D>
inline constexpr bool enable_sendable<std::unique_ptr<T, D>> =
    enable_sendable<std::remove_all_extents_t<T>> && enable_sendable<D>;
template <class T>
inline constexpr bool enable_sendable<std::shared_ptr<T>> =
    enable_shareable<std::remove_const_t<T>>;
template <class T>
inline constexpr bool enable_shareable<detail::atomic<T>> = enable_sendable<T>;
template <class T>
inline constexpr bool enable_sendable<std::optional<T>> = enable_sendable<T>;
template <class... T>
inline constexpr bool enable_sendable<std::tuple<T...>> = (enable_sendable<T> && ...);
template <class A, class B>
inline constexpr bool enable_sendable<std::pair<A, B>> = enable_sendable<A> && enable_sendable<B>;
template <class... T>
inline constexpr bool enable_sendable<std::variant<T...>> = (enable_sendable<T> && ...);
template <class T, std::size_t N>
inline constexpr bool enable_sendable<std::array<T, N>> = enable_sendable<T>;
template <class T, std::size_t N>
inline constexpr bool enable_sendable<T[N]> = enable_sendable<T>;
template <class Rep, class Period>
inline constexpr bool enable_sendable<std::chrono::duration<Rep, Period>> = true;
template <class Clock, class Duration>
inline constexpr bool enable_sendable<std::chrono::time_point<Clock, Duration>> = true;
template <>
inline constexpr bool enable_sendable<std::error_code> = true;
template <>
inline constexpr bool enable_sendable<descriptor> = true;
/// What an exception refers to cannot be checked: throw values.
template <>
inline constexpr bool enable_sendable<std::exception_ptr> = true;

/// A type whose values may be handed to another thread.
template <class T>
concept sendable = std::is_void_v<T> || (!std::is_reference_v<T> && !std::is_volatile_v<T> &&
                                         enable_sendable<std::remove_const_t<T>>);

/// A type one object of which several threads may use at once.
template <class T>
concept shareable = enable_shareable<std::remove_cv_t<T>>;

}  // namespace amphi
