// SPDX-License-Identifier: BSL-1.0
#include "local_queue.hpp"

#include <amphi/base/assert.hpp>
#include <amphi/task/promise.hpp>

#include "shared_queue.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace amphi::detail {

void local_queue::push(promise_base& frame, shared_queue& overflow) noexcept {
    for (;;) {
        // acquire: a thief that moved `steal` has finished reading the slots we may overwrite.
        const head_word head(head_.load(std::memory_order_acquire));  // sync: queue.head
        const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
        if (tail - head.steal() < capacity) {
            slot(tail).store(&frame, std::memory_order_relaxed);
            tail_.store(tail + 1, std::memory_order_release);  // sync: queue.tail
            return;
        }
        if (head.thief_at_work()) {
            // Room is coming; meanwhile this one goes where everybody looks.
            overflow.push(frame);
            return;
        }
        if (move_half_to(overflow, frame, head, tail)) return;
    }
}

bool local_queue::move_half_to(
    shared_queue& overflow, promise_base& frame, head_word head, std::uint32_t tail
) noexcept {
    constexpr std::uint32_t half = capacity / 2;
    AMPHI_ASSERT(tail - head.real() == capacity);
    std::uint64_t expected = head.word();
    const head_word claimed(head.real() + half, head.real() + half);
    if (!head_.compare_exchange_strong(
            expected,
            claimed.word(),
            std::memory_order_acq_rel,  // sync: queue.head
            std::memory_order_relaxed
        ))
        return false;  // A thief has just made room.
    promise_base* first = slot(head.real()).load(std::memory_order_relaxed);
    promise_base* last = first;
    for (std::uint32_t i = 1; i < half; ++i) {
        promise_base* const next = slot(head.real() + i).load(std::memory_order_relaxed);
        last->queue_next = next;
        last = next;
    }
    last->queue_next = &frame;
    frame.queue_next = nullptr;
    overflow.push_chain(*first, frame, half + 1);
    return true;
}

promise_base* local_queue::pop() noexcept {
    std::uint64_t seen = head_.load(std::memory_order_acquire);  // sync: queue.head
    for (;;) {
        const head_word head(seen);
        if (head.real() == tail_.load(std::memory_order_relaxed)) return nullptr;
        const std::uint32_t next = head.real() + 1;
        const head_word popped(head.thief_at_work() ? head.steal() : next, next);
        promise_base* const frame = slot(head.real()).load(std::memory_order_relaxed);
        if (head_.compare_exchange_weak(
                seen,
                popped.word(),
                std::memory_order_acq_rel,  // sync: queue.head
                std::memory_order_acquire   // sync: queue.head
            ))
            return frame;
    }
}

const promise_base* local_queue::front() const noexcept {
    const std::uint32_t first = head_word(head_.load(std::memory_order_relaxed)).real();
    if (first == tail_.load(std::memory_order_relaxed)) return nullptr;
    return slots_[first % capacity].load(std::memory_order_relaxed);
}

local_queue::loot local_queue::steal_into(local_queue& destination) noexcept {
    // Another thief may still be reading slots in front of our tail, though they are ours no more:
    // what we take must leave them alone. acquire: as in `push`.
    const head_word own(destination.head_.load(std::memory_order_acquire));  // sync: queue.head
    const std::uint32_t end = destination.tail_.load(std::memory_order_relaxed);
    const std::uint32_t room = capacity - (end - own.steal());
    std::uint64_t seen = head_.load(std::memory_order_acquire);  // sync: queue.head
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    for (;;) {
        const head_word head(seen);
        if (head.thief_at_work()) return {};
        first = head.real();
        // acquire: the slots up to the tail have been written.
        const std::uint32_t available =
            tail_.load(std::memory_order_acquire) - first;      // sync: queue.tail
        count = std::min(available - available / 2, room + 1);  // One is not put into a slot.
        if (count == 0 || available > capacity)  // a tail newer than the head: look again later
            return {};
        if (head_.compare_exchange_weak(
                seen,
                head_word(head.steal(), first + count).word(),
                std::memory_order_acq_rel,  // sync: queue.head
                std::memory_order_acquire   // sync: queue.head
            ))
            break;
    }
    for (std::uint32_t i = 0; i + 1 < count; ++i)
        destination.slot(end + i).store(
            slot(first + i).load(std::memory_order_relaxed), std::memory_order_relaxed
        );
    promise_base* const taken = slot(first + count - 1).load(std::memory_order_relaxed);
    destination.tail_.store(end + count - 1, std::memory_order_release);  // sync: queue.tail

    // The slots are read: let the owner have them. It may have popped further meanwhile.
    seen = head_.load(std::memory_order_acquire);  // sync: queue.head
    while (!head_.compare_exchange_weak(
        seen,
        head_word(head_word(seen).real(), head_word(seen).real()).word(),
        std::memory_order_acq_rel,  // sync: queue.head
        std::memory_order_acquire   // sync: queue.head
    )) {
    }
    return {taken, count};
}

bool local_queue::empty() const noexcept {
    const head_word head(head_.load(std::memory_order_acquire));  // sync: queue.head
    return head.real() == tail_.load(std::memory_order_acquire);  // sync: queue.tail
}

}  // namespace amphi::detail
