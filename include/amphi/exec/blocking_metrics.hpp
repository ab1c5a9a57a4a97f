// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <cstddef>
#include <cstdint>

namespace amphi {

/// The pool that runs plain functions for `on(threads, f)`, and the file operations of async tasks.
struct blocking_pool_metrics {
    std::size_t running = 0;         ///< threads that run a function now
    std::size_t running_max = 0;     ///< as many may run at once
    std::size_t queued = 0;          ///< functions that wait for a thread
    std::uint64_t finished = 0;      ///< functions that have ended
    std::uint64_t beyond_limit = 0;  ///< times that a thread was added since none had finished
};

/// What that pool has done in this process, and has to do. Threads: any.
[[nodiscard]] AMPHI_EXPORT blocking_pool_metrics blocking_metrics() noexcept;

}  // namespace amphi
