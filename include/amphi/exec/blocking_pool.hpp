// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

namespace amphi::detail {

class task_block;

/// Runs a plain function's block on a plain thread for somebody who waits for it. At most 64 run at
/// once and the others queue, since thousands of tasks may ask for a file at the same time.
///
/// Such a pool can deadlock when its jobs wait for queued ones. So a job that has been queued for
/// 100 ms while none finished gets a thread beyond the limit, or fails, naming what was missing.
/// Throws `std::system_error` when the first thread cannot be started.
///
/// Threads: any.
AMPHI_EXPORT void start_blocking(task_block& block);

}  // namespace amphi::detail
