// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

// Large enough that the two or three thefts do not count, small enough that nothing disturbs it.
constexpr std::int64_t which = 27;
constexpr std::int64_t expected = 196'418;
// A call with n >= 2 forks once: F(28) - 1 of them.
constexpr std::int64_t forks = 317'810;
