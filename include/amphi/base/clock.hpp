// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>

namespace amphi {

/// The one clock of the library: monotonic, so a step of the wall clock moves no deadline.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

/// The deadline of a wait that has none.
inline constexpr time_point never = time_point::max();

/// `from + after`, where a sum beyond the clock's range is `never`. `after` may be any duration
/// from negative to its type's maximum.
template <class Rep, class Period>
constexpr time_point saturating_add(time_point from, std::chrono::duration<Rep, Period> after) {
    using seconds = std::chrono::duration<double>;
    if (after <= std::chrono::duration<Rep, Period>::zero()) return from;
    if (std::chrono::duration_cast<seconds>(after) >=
        std::chrono::duration_cast<seconds>(never - from) - std::chrono::seconds(1))
        return never;
    return from + std::chrono::ceil<duration>(after);
}

}  // namespace amphi
