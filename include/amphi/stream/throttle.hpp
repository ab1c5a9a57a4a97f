// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/time/sleep.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace amphi {

namespace detail {

template <class T, class Length>
stream<T> throttled(stream<T> from, Length apart) {
    time_point next = time_point::min();
    while (std::optional<T> item = co_await from.next()) {
        co_await sleep_until(next);
        next = saturating_add(clock::now(), apart);
        co_yield std::move(*item);
    }
}

template <class Length>
class throttle_adaptor {
public:
    explicit throttle_adaptor(Length apart) noexcept : apart_(apart) {}

    template <class T>
    [[nodiscard]] stream<T> operator()(stream<T> from) const {
        return throttled(std::move(from), apart_);
    }

private:
    Length apart_;
};

}  // namespace detail

/// `from | throttle(100ms)`: the same items, each at least that long after the one before it. None
/// is dropped: who asks waits, and the source is not asked meanwhile.
template <class Rep, class Period>
[[nodiscard]] auto throttle(std::chrono::duration<Rep, Period> apart) noexcept {
    return detail::throttle_adaptor<std::chrono::duration<Rep, Period>>(apart);
}

}  // namespace amphi
