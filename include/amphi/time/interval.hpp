// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>
#include <amphi/task/task.hpp>

namespace amphi {

/// Ticks at a fixed rate: at the start and then each `period`, however long the work between two
/// ticks takes. Ticks that were missed are skipped, so the next one is again on the grid.
///
///     interval every(1s);
///     for (;;) {
///         co_await every.tick();
///         ...
///     }
///
/// Threads: one task at a time.
class AMPHI_EXPORT interval {
public:
    /// Throws `std::invalid_argument` when the period is not positive.
    explicit interval(duration period, time_point first = clock::now());

    /// Waits for the next tick. Cancellation: a cancelled tick is not taken.
    task<> tick();

    /// When the next tick is due.
    [[nodiscard]] time_point next() const noexcept { return next_; }

private:
    duration period_;
    time_point next_;
};

}  // namespace amphi
