// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/lock.hpp>

#include <atomic>

namespace amphi::detail {

class job;

/// The jobs that come from outside of a pool, first come, first served.
///
/// Threads: any.
class job_queue {
public:
    void push(job& pushed) noexcept;
    [[nodiscard]] job* take() noexcept;

    [[nodiscard]] bool looks_empty() const noexcept {
        return first_.load(std::memory_order_acquire) == nullptr;  // sync: job_queue.first
    }

private:
    lock lock_;
    // Written under the lock, looked at without.
    atomic<job*> first_{nullptr};
    job* last_ AMPHI_GUARDED_BY(lock_) = nullptr;
};

}  // namespace amphi::detail
