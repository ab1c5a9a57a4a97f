// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/job_deque.hpp>

#include <amphi/base/asymmetric_fence.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace amphi::detail {

namespace {
constexpr std::int64_t first_capacity = 256;
}  // namespace

job_deque::ring::ring(std::int64_t slots_count)
    : capacity(slots_count)
    , mask(static_cast<std::uint64_t>(slots_count) - 1)
    , slots(std::make_unique<atomic<job*>[]>(static_cast<std::size_t>(slots_count))) {}

job_deque::job_deque() : ring_(new ring(first_capacity)), shared_ring_(ring_) {}

job_deque::~job_deque() {
    delete ring_;
}

bool job_deque::make_room(std::int64_t bottom) noexcept {
    top_seen_ = top_.load(std::memory_order_acquire);  // sync: deque.top
    if (bottom - top_seen_ < ring_->capacity) return true;
    try {
        auto larger = std::make_unique<ring>(2 * ring_->capacity);
        for (std::int64_t i = top_seen_; i < bottom; ++i)
            larger->slot(i).store(
                ring_->slot(i).load(std::memory_order_relaxed), std::memory_order_relaxed
            );
        larger->smaller.reset(ring_);
        ring_ = larger.release();
    } catch (const std::bad_alloc&) {
        return false;
    }
    shared_ring_.store(ring_, std::memory_order_release);  // sync: deque.ring
    return true;
}

job* job_deque::pop_last(std::int64_t top, std::int64_t bottom) noexcept {
    job* last = nullptr;
    if (top == bottom) {
        // seq_cst: as the thieves' swap.
        if (top_.compare_exchange_strong(
                top,
                top + 1,
                std::memory_order_seq_cst,  // sync: deque.top
                std::memory_order_relaxed
            ))
            last = ring_->slot(bottom).load(std::memory_order_relaxed);
    }
    bottom_.store(bottom + 1, std::memory_order_release);  // sync: deque.bottom
    return last;
}

job* job_deque::steal() noexcept {
    std::int64_t top = top_.load(std::memory_order_acquire);  // sync: deque.top
    // The heavy fence is for what looks worth it.
    if (top >= bottom_.load(std::memory_order_relaxed)) return nullptr;
    heavy_fence();
    if (top >= bottom_.load(std::memory_order_acquire)) return nullptr;  // sync: deque.bottom
    // acquire: a ring's slots are there before it is. It is at least as new as the bottom.
    const ring* const slots = shared_ring_.load(std::memory_order_acquire);  // sync: deque.ring
    job* const oldest = slots->slot(top).load(std::memory_order_relaxed);
    if (!top_.compare_exchange_strong(
            top,
            top + 1,
            std::memory_order_seq_cst,  // sync: deque.top
            std::memory_order_relaxed
        ))
        return nullptr;
    return oldest;
}

}  // namespace amphi::detail
