// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

namespace amphi::detail {

/// Prints the broken invariant with its place and aborts.
[[noreturn]] AMPHI_EXPORT void
invariant_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace amphi::detail

/// Checks an invariant of the library itself, in every build: a broken one would otherwise show as
/// a hang or a corrupted task far away. For errors of a caller, throw.
#define AMPHI_ASSERT(expression)                                                                   \
    (static_cast<bool>(expression)                                                                 \
         ? static_cast<void>(0)                                                                    \
         : ::amphi::detail::invariant_failed(#expression, __FILE__, __LINE__))
