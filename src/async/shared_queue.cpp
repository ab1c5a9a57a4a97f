// SPDX-License-Identifier: BSL-1.0
#include "shared_queue.hpp"

#include <amphi/base/lock.hpp>
#include <amphi/task/promise.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>

namespace amphi::detail {

void shared_queue::push(promise_base& frame) noexcept {
    frame.queue_next = nullptr;
    push_chain(frame, frame, 1);
}

void shared_queue::push_chain(promise_base& first, promise_base& last, std::size_t count) noexcept {
    const lock_guard guard(lock_);
    (last_ != nullptr ? last_->queue_next : first_) = &first;
    last_ = &last;
    size_.store(
        size_.load(std::memory_order_relaxed) + count,
        std::memory_order_release  // sync: queue.shared
    );
}

promise_base* shared_queue::take(std::size_t count_max) noexcept {
    if (size() == 0) return nullptr;
    const lock_guard guard(lock_);
    const std::size_t size = size_.load(std::memory_order_relaxed);
    const std::size_t count = std::min(size, count_max);
    if (count == 0) return nullptr;
    promise_base* const first = first_;
    promise_base* last = first;
    for (std::size_t i = 1; i < count; ++i)
        last = last->queue_next;
    first_ = std::exchange(last->queue_next, nullptr);
    if (first_ == nullptr) last_ = nullptr;
    size_.store(size - count, std::memory_order_release);  // sync: queue.shared
    return first;
}

}  // namespace amphi::detail
