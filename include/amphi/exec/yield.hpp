// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/promise.hpp>

namespace amphi {

namespace detail {

class AMPHI_EXPORT yield_operation : public operation_base {
public:
    yield_operation() noexcept = default;
    ~yield_operation() = default;

    [[nodiscard]] bool ready(const context& where) noexcept;
    [[nodiscard]] bool suspend(promise_base& frame) noexcept;
    void finish() const;
};

}  // namespace detail

/// Lets others run: on async everything that is runnable now comes first, on a plain thread it is
/// sched_yield(2).
/// Cancellation: a requested stop is seen here.
[[nodiscard("co_await the yield")]] inline detail::yield_operation yield() noexcept {
    return detail::yield_operation();
}

}  // namespace amphi
