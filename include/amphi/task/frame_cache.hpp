// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <cstddef>

namespace amphi::detail {

/// Memory for coroutine frames and task blocks: a free list a thread and size class, since a
/// frame's allocation is most of what a coroutine call costs. What one thread allocates and another
/// frees travels back in batches. Throws `std::bad_alloc`.
///
/// Threads: any, also from destructors of thread-locals.
[[nodiscard]] AMPHI_EXPORT void* allocate_frame(std::size_t bytes);

/// `bytes` is what was asked for.
AMPHI_EXPORT void free_frame(void* frame, std::size_t bytes) noexcept;

}  // namespace amphi::detail
