// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>

#include <chrono>
#include <cstdint>

namespace amphi {

/// How long to wait before something that has failed is tried again: the pause doubles with each
/// failure up to the longest, and half of it is left to chance, so that those who failed together
/// do not come back together.
class AMPHI_EXPORT backoff {
public:
    /// A tenth of a second at first, 30 s at most.
    backoff() noexcept = default;
    /// Throws `std::invalid_argument` when one is negative, or `longest` is less than `first`.
    backoff(duration first, duration longest);

    /// After so many failures in a row before this one.
    [[nodiscard]] duration pause(unsigned failures) const noexcept;
    /// The same with a chance of the caller's: any number.
    [[nodiscard]] duration pause(unsigned failures, std::uint32_t random) const noexcept;

private:
    duration first_ = std::chrono::milliseconds(100);
    duration longest_ = std::chrono::seconds(30);
};

}  // namespace amphi
