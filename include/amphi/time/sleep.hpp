// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/timer.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/waiter.hpp>

namespace amphi {

namespace detail {

class sleep_operation final : public operation<sleep_operation>, private timer {
public:
    explicit sleep_operation(time_point until) noexcept : until_(until) {}

    [[nodiscard]] bool poll() const noexcept { return until_ != never && until_ <= clock::now(); }
    void publish(ticket t) {
        keep(t);
        if (where_->suspends() && until_ != never) arm(until_);
    }
    void withdraw() noexcept { disarm(); }
    void result() const noexcept {}
    [[nodiscard]] time_point until() const noexcept { return until_; }

private:
    AMPHI_EXPORT void expire() noexcept override;

    time_point until_;
};

}  // namespace detail

/// Waits until `when`; `never` waits for a stop alone.
/// Cancellation: ends at once.
/// Cost: on async one timer, in the operation; on a plain thread one futex wait.
[[nodiscard("co_await the sleep")]] inline detail::sleep_operation sleep_until(time_point when
) noexcept {
    return detail::sleep_operation(when);
}

/// Waits for `length`, from negative (no wait) to the maximum of its type (for ever).
[[nodiscard("co_await the sleep")]] inline auto sleep_for(auto length) noexcept {
    return detail::sleep_operation(saturating_add(clock::now(), length));
}

}  // namespace amphi
