// SPDX-License-Identifier: BSL-1.0
#include "job_queue.hpp"

#include <amphi/base/lock.hpp>
#include <amphi/compute/job.hpp>

#include <atomic>

namespace amphi::detail {

void job_queue::push(job& pushed) noexcept {
    const lock_guard guard(lock_);
    pushed.next_ = nullptr;
    if (first_.load(std::memory_order_relaxed) == nullptr)
        first_.store(&pushed, std::memory_order_release);  // sync: job_queue.first
    else
        last_->next_ = &pushed;
    last_ = &pushed;
}

job* job_queue::take() noexcept {
    if (looks_empty()) return nullptr;
    const lock_guard guard(lock_);
    job* const first = first_.load(std::memory_order_relaxed);
    if (first != nullptr)
        first_.store(first->next_, std::memory_order_release);  // sync: job_queue.first
    return first;
}

}  // namespace amphi::detail
