// SPDX-License-Identifier: BSL-1.0
#include "connection_limit.hpp"

#include <amphi/async/worker_count.hpp>

#include <algorithm>

#include <sys/resource.h>

namespace amphi::http::detail {

long connections_a_worker() {
    // Standard streams, libraries, rings and wake-ups.
    constexpr long spoken_for = 20;
    constexpr long connections_min = 4;
    constexpr long connections_max = 65536;
    rlimit limit{};
    long descriptors = 1024;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        descriptors = static_cast<long>(std::min<rlim_t>(limit.rlim_cur, 4 * connections_max));
    const auto workers = static_cast<long>(usable_cpus());
    return std::clamp((descriptors - spoken_for) / 2 / workers, connections_min, connections_max);
}

}  // namespace amphi::http::detail
