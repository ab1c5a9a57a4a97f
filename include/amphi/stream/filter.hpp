// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/stream/stream.hpp>
#include <amphi/task/task.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

template <class T, class F>
stream<T> filtered(stream<T> from, F wanted) {
    while (std::optional<T> item = co_await from.next()) {
        bool passes = false;
        if constexpr (is_task_v<std::invoke_result_t<F&, const T&>>)
            passes = co_await wanted(std::as_const(*item));
        else
            passes = wanted(std::as_const(*item));
        if (passes) co_yield std::move(*item);
    }
}

template <class F>
class filter_adaptor {
public:
    explicit filter_adaptor(F wanted) : wanted_(std::move(wanted)) {}

    template <class T>
    [[nodiscard]] stream<T> operator()(stream<T> from) && {
        return filtered(std::move(from), std::move(wanted_));
    }

private:
    F wanted_;
};

}  // namespace detail

/// `from | filter(wanted)`: the items for which `wanted(item)` is true. It is a plain function or
/// one that returns a `task<bool>`, and sees the item as const; the stream keeps it.
template <class F>
[[nodiscard]] detail::filter_adaptor<F> filter(F wanted) {
    return detail::filter_adaptor<F>(std::move(wanted));
}

}  // namespace amphi
