// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

namespace amphi::detail {

#if !defined(AMPHI_INTERLEAVE)
/// Whether the kernel puts the barrier of a light fence there when a heavy one asks for it.
/// Written before the threads that read it start.
AMPHI_EXPORT extern bool fences_are_asymmetric;
#endif

AMPHI_EXPORT void full_fence() noexcept;

/// Before the first `light_fence`, by whoever starts the threads that use it.
AMPHI_EXPORT void prepare_asymmetric_fences() noexcept;

/// Two kinds of fence that order a store before a later load, as two seq_cst fences do, when one
/// side's is light and the other's heavy: of a light and a heavy one either what stands before the
/// light one is seen after the heavy one, or the other way round. The light one costs the owner of
/// a queue nothing; the heavy one is a call of membarrier(2), one to some tens of microseconds, for
/// who comes rarely. (Dice, Huang, Yang, "Asymmetric Dekker Synchronization", 2001.) Two light ones
/// order nothing. Where the kernel has no membarrier both are full.
inline void light_fence() noexcept {
#if defined(AMPHI_INTERLEAVE)
    full_fence();
#else
    if (fences_are_asymmetric) [[likely]] {
        asm volatile("" ::: "memory");  // For the compiler.
    } else {
        full_fence();
    }
#endif
}

AMPHI_EXPORT void heavy_fence() noexcept;

}  // namespace amphi::detail
