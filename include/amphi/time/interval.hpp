// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>
#include <amphi/task/task.hpp>

#include <cstdint>

namespace amphi {

/// What an interval does about ticks that nobody has waited for when they were due.
enum class missed_ticks : std::uint8_t {
    skip,   ///< leaves them out: the next tick is the next one on the grid
    burst,  ///< makes up for them: they come at once, one after the other, until it has caught up
    delay   ///< moves the grid: the next tick comes a period after the late one was taken
};

/// Ticks at a fixed rate: at the start and then each `period`, however long the work between two
/// ticks takes. What becomes of ticks that were missed is said by `missed_ticks`; without a word
/// they are skipped.
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
    /// Throws `std::invalid_argument` when the period is not positive. The longest one ticks once.
    explicit interval(
        duration period, time_point first = clock::now(), missed_ticks missed = missed_ticks::skip
    );
    /// The same, first now.
    interval(duration period, missed_ticks missed) : interval(period, clock::now(), missed) {}

    /// Waits for the next tick. Cancellation: a cancelled tick is not taken.
    task<> tick();

    /// When the next tick is due.
    [[nodiscard]] time_point next() const noexcept { return next_; }

private:
    duration period_;
    time_point next_;
    missed_ticks missed_;
};

}  // namespace amphi
