// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/stream/stream.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace amphi {

namespace detail {

template <class T>
stream<T> first_of(stream<T> from, std::size_t count) {
    for (; count > 0; --count) {
        std::optional<T> item = co_await from.next();
        if (!item) co_return;
        co_yield std::move(*item);
    }
}

class take_adaptor {
public:
    explicit take_adaptor(std::size_t count) noexcept : count_(count) {}

    template <class T>
    [[nodiscard]] stream<T> operator()(stream<T> from) const {
        return first_of(std::move(from), count_);
    }

private:
    std::size_t count_;
};

}  // namespace detail

/// `from | take(count)`: at most the first `count` items. No other is asked for, and `from` is
/// destroyed when the end is seen.
[[nodiscard]] inline detail::take_adaptor take(std::size_t count) noexcept {
    return detail::take_adaptor(count);
}

}  // namespace amphi
