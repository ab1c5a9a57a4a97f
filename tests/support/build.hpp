// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/sanitizer.hpp>

namespace amphi::testing {

/// What this binary was built with, for tests whose extent or expectation depends on it.
using detail::address_sanitized;
using detail::thread_sanitized;
inline constexpr bool sanitized = thread_sanitized || address_sanitized;

}  // namespace amphi::testing
