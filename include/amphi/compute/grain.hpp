// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

namespace amphi::parallel {

/// How many elements an algorithm may leave to one thread at least: it splits no part that is
/// smaller than twice that. The last argument of each algorithm. To be given where an element costs
/// so little that a handful is not worth waking a thread, some tens of microseconds; how large the
/// parts are beyond that the pool finds out by itself.
class grain {
public:
    /// One element.
    constexpr grain() noexcept = default;
    /// Zero is taken as one.
    constexpr explicit grain(std::size_t elements) noexcept
        : elements_(elements == 0 ? 1 : elements) {}

    [[nodiscard]] constexpr std::size_t elements() const noexcept { return elements_; }

private:
    std::size_t elements_ = 1;
};

}  // namespace amphi::parallel
