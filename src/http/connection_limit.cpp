// SPDX-License-Identifier: BSL-1.0
#include "connection_limit.hpp"

#include <amphi/exec/worker_count.hpp>

#include <algorithm>

#include <unistd.h>

namespace amphi::http::detail {

long connections_a_worker() {
    // Standard streams, libraries, rings and wake-ups.
    constexpr long spoken_for = 20;
    constexpr long connections_min = 4;
    constexpr long connections_max = 65536;
    // The soft limit of this process; -1 when there is none.
    const long limit = sysconf(_SC_OPEN_MAX);
    const long descriptors = limit < 0 ? 4 * connections_max : limit;
    const auto workers = static_cast<long>(usable_cpus());
    return std::clamp((descriptors - spoken_for) / 2 / workers, connections_min, connections_max);
}

}  // namespace amphi::http::detail
