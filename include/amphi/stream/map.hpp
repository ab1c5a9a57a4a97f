// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/callable.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/task/task.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

/// What f makes of an argument: its result, or its task's.
template <class F, class Argument>
using made_of = std::remove_cvref_t<result_of_run<std::invoke_result_t<F&, Argument>>>;

template <class T, class F>
stream<made_of<F, T&&>> mapped(stream<T> from, F f) {
    while (std::optional<T> item = co_await from.next()) {
        if constexpr (is_task_v<std::invoke_result_t<F&, T&&>>) {
            made_of<F, T&&> made = co_await f(std::move(*item));
            co_yield std::move(made);
        } else {
            made_of<F, T&&> made = f(std::move(*item));
            co_yield std::move(made);
        }
    }
}

template <class F>
class map_adaptor {
public:
    explicit map_adaptor(F f) : f_(std::move(f)) {}

    template <class T>
    [[nodiscard]] auto operator()(stream<T> from) && {
        return mapped(std::move(from), std::move(f_));
    }

private:
    F f_;
};

}  // namespace detail

/// `from | map(f)`: f(item) for each item, one after the other. f is a plain function, or one that
/// returns a task; the stream keeps it. Where several of those tasks shall run at a time, see
/// `buffered`.
template <class F>
[[nodiscard]] detail::map_adaptor<F> map(F f) {
    return detail::map_adaptor<F>(std::move(f));
}

}  // namespace amphi
