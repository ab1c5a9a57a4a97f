// SPDX-License-Identifier: BSL-1.0
#pragma once

#if defined(AMPHI_INTERLEAVE)
#include <amphi/base/interleave.hpp>
#else
#include <atomic>
#endif

namespace amphi::detail {

/// Every atomic of the library goes through this one name. The interleave build replaces it by a
/// type that hands control to a seeded scheduler at each access, so that the shipped sources run
/// under interleavings which no stress test would meet.
#if defined(AMPHI_INTERLEAVE)
template <class T>
using atomic = interleave::atomic<T>;
#else
template <class T>
using atomic = std::atomic<T>;
#endif

}  // namespace amphi::detail
