// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace amphi::detail {

// What a file is compiled with, by either compiler. Behaviour may depend on it, layout never.

#if defined(__SANITIZE_THREAD__)
constexpr bool thread_sanitized = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
constexpr bool thread_sanitized = true;
#else
constexpr bool thread_sanitized = false;
#endif
#else
constexpr bool thread_sanitized = false;
#endif

#if defined(__SANITIZE_ADDRESS__)
constexpr bool address_sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool address_sanitized = true;
#else
constexpr bool address_sanitized = false;
#endif
#else
constexpr bool address_sanitized = false;
#endif

}  // namespace amphi::detail
