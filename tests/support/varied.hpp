// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace amphi::testing {

/// Bytes of which no part looks like another. (The generator is the one of Numerical Recipes.)
inline std::string varied(std::size_t size) {
    std::string made(size, '\0');
    std::uint32_t state = 1;
    for (char& each : made) {
        state = state * 1664525 + 1013904223;
        each = static_cast<char>(state >> 24);
    }
    return made;
}

}  // namespace amphi::testing
