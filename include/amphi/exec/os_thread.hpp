// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <cstddef>

#include <pthread.h>

namespace amphi::detail {

/// Starts a thread that runs `entry(argument)` with all signals blocked as the starter's are.
/// Throws `std::system_error`, naming the limits that may have been met. `stack_bytes` zero: the
/// system's default. The name is cut to 15 characters, as the kernel does.
[[nodiscard]] AMPHI_EXPORT pthread_t
start_os_thread(const char* name, std::size_t stack_bytes, void (*entry)(void*), void* argument);

/// Lets a thread end on its own.
AMPHI_EXPORT void detach_os_thread(pthread_t thread) noexcept;

AMPHI_EXPORT void join_os_thread(pthread_t thread) noexcept;

/// The lowest address of the calling thread's stack.
[[nodiscard]] AMPHI_EXPORT const void* stack_bottom_of_this_thread() noexcept;

}  // namespace amphi::detail
