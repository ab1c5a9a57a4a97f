// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace amphi::detail {

// A forwarded int that the callable takes as a short is the caller's conversion, as in any call;
// the warning would stand here, where nobody can act on it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"

/// Calls `f(args...)`. (std::invoke would cost <functional>.)
template <class F, class... Args>
decltype(auto) call_forwarded(F& f, Args&&... args) {
    return f(std::forward<Args>(args)...);
}

#pragma GCC diagnostic pop

template <class... T>
struct type_list {};

/// The parameter types of a callable with one signature; `deduced` for a generic one.
struct deduced {};

template <class F>
struct parameters {
    using types = deduced;
};
template <class F>
    requires requires { &F::operator(); }
struct parameters<F> : parameters<decltype(&F::operator())> {};
template <class R, class... P>
struct parameters<R (*)(P...)> {
    using types = type_list<P...>;
};
template <class R, class... P>
struct parameters<R (*)(P...) noexcept> : parameters<R (*)(P...)> {};
template <class R, class C, class... P>
struct parameters<R (C::*)(P...) const> : parameters<R (*)(P...)> {};
template <class R, class C, class... P>
struct parameters<R (C::*)(P...) const noexcept> : parameters<R (*)(P...)> {};
template <class R, class C, class... P>
struct parameters<R (C::*)(P...)> : parameters<R (*)(P...)> {};
template <class R, class C, class... P>
struct parameters<R (C::*)(P...) noexcept> : parameters<R (*)(P...)> {};

template <class F, class Types, class... Args>
struct owned_call;

/// How `f(args...)` is kept until it runs elsewhere: each argument as the value type of f's own
/// parameter, so that a `const char*` becomes the `std::string` that f asked for before its source
/// can change; it is passed on as the parameter's own kind of reference.
template <class F, class... P, class... Args>
struct owned_call<F, type_list<P...>, Args...> {
    static_assert(
        sizeof...(P) == sizeof...(Args),
        "spawn(f, args...): give one argument for each of f's parameters (defaults do not apply)"
    );
    using stored = std::tuple<std::remove_cvref_t<P>...>;
    using result = std::invoke_result_t<F&, P&&...>;
    static result invoke(F& f, stored& arguments) {
        return std::apply(
            [&f](std::remove_cvref_t<P>&... stored) -> result {
                return call_forwarded(f, static_cast<P&&>(stored)...);
            },
            arguments
        );
    }
};

template <class F, class... Args>
struct owned_call<F, deduced, Args...> {
    using stored = std::tuple<std::decay_t<Args>...>;
    using result = std::invoke_result_t<F&, std::decay_t<Args>&&...>;
    static result invoke(F& f, stored& arguments) {
        return std::apply(
            [&f](std::decay_t<Args>&... stored) -> result {
                return call_forwarded(f, std::move(stored)...);
            },
            arguments
        );
    }
};

template <class F, class... Args>
using owned_call_of = owned_call<F, typename parameters<F>::types, Args...>;

template <class R>
struct unwrapped_task {
    using type = R;
};
template <class T>
struct unwrapped_task<task<T>> {
    using type = T;
};

/// What a callable yields in the end: the T of a `task<T>`, or a plain function's result.
template <class R>
using result_of_run = typename unwrapped_task<R>::type;

template <class F>
concept captureless =
    std::is_empty_v<F> || (std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>);

template <std::size_t Index, class T>
consteval void check_argument() {
    static_assert(
        sendable<T>,
        "an argument of a spawned task is not sendable: it may refer to what the spawner still "
        "uses. "
        "Pass an owning value (std::string, std::vector, std::unique_ptr, ...), or opt in beside "
        "its "
        "class: template <> inline constexpr bool amphi::enable_sendable<T> = true;"
    );
}

template <class F, class Call>
consteval void check_callable() {
    static_assert(
        captureless<F>,
        "a spawned callable may not capture: its captures die with the closure, not with the task. "
        "Pass the data as arguments: spawn(f, args...)"
    );
    []<std::size_t... I>(std::index_sequence<I...>) {
        (check_argument<I, std::tuple_element_t<I, typename Call::stored>>(), ...);
    }(std::make_index_sequence<std::tuple_size_v<typename Call::stored>>());
    static_assert(
        sendable<result_of_run<typename Call::result>>,
        "the result of a spawned task is not sendable: return an owning value"
    );
}

template <class F, class... Args>
consteval void check_coroutine_function() {
    static_assert(
        is_task_v<typename owned_call_of<F, Args...>::result>,
        "spawn takes a coroutine function: a plain function could block a worker. Where the "
        "executor is known to be plain threads, spawn_on(threads, f, args...) takes one"
    );
}

/// For a callable, deduced as `F&&`, that a verb calls and awaits in place.
template <class F>
consteval void check_awaited_in_place() {
    static_assert(
        std::is_lvalue_reference_v<F> || std::is_trivially_destructible_v<F>,
        "g++ 12 destroys captures by value of a closure in a co_await expression twice: pass the "
        "data as arguments, capture by reference, or give the closure a name first"
    );
}

}  // namespace amphi::detail
