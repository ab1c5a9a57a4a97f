// SPDX-License-Identifier: BSL-1.0
#include <amphi/time/backoff.hpp>

#include <amphi/base/clock.hpp>
#include <amphi/base/random.hpp>

#include <cstdint>
#include <stdexcept>

namespace amphi {

backoff::backoff(duration first, duration longest) : first_(first), longest_(longest) {
    if (first < duration::zero() || longest < first)
        throw std::invalid_argument(
            "a backoff's first pause is at least 0 and its longest no shorter than the first"
        );
}

duration backoff::pause(unsigned failures) const noexcept {
    return pause(failures, detail::random_number());
}

duration backoff::pause(unsigned failures, std::uint32_t random) const noexcept {
    duration full = first_;
    for (unsigned doubled = 0; doubled < failures && full < longest_; ++doubled)
        full = full > longest_ - full ? longest_ : full * 2;
    const duration half = full / 2;
    // The share of chance in 65,536ths: no product overflows.
    const duration chance = (full - half) / 65536 * (random % 65537U) +
                            (full - half) % 65536 * (random % 65537U) / 65536;
    return half + chance;
}

}  // namespace amphi
