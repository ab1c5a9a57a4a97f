// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/lock.hpp>

#include <atomic>
#include <cstddef>

namespace amphi::detail {

class promise_base;

/// What no worker has yet: tasks woken or spawned from outside, and what local queues overflow
/// with. An intrusive FIFO under a lock. Threads: any.
class shared_queue {
public:
    void push(promise_base& frame) noexcept;
    /// A chain linked by `queue_next`, whose last one points to null.
    void push_chain(promise_base& first, promise_base& last, std::size_t count) noexcept;

    /// Takes up to `count_max` tasks, linked by `queue_next`; null when there are none.
    [[nodiscard]] promise_base* take(std::size_t count_max) noexcept;

    [[nodiscard]] std::size_t size() const noexcept {
        return size_.load(std::memory_order_acquire);  // sync: queue.shared
    }

private:
    lock lock_;
    promise_base* first_ AMPHI_GUARDED_BY(lock_) = nullptr;
    promise_base* last_ AMPHI_GUARDED_BY(lock_) = nullptr;
    // Written under the lock, read without, to look before locking.
    atomic<std::size_t> size_{0};
};

}  // namespace amphi::detail
