// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

namespace amphi::detail {

/// Asks for the first bytes of an object that will be used a little later: with a thousand
/// connections at work hardly anything of one is in a cache when its turn comes. The object may be
/// gone, or null.
inline void prefetch(const void* object, std::size_t bytes) noexcept {
    if (object == nullptr) return;
    constexpr std::size_t line = 64;
    for (std::size_t offset = 0; offset < bytes; offset += line)
        __builtin_prefetch(static_cast<const char*>(object) + offset, 1);
}

}  // namespace amphi::detail
