// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/asymmetric_fence.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/export.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

namespace amphi::detail {

class job;

/// The jobs that a worker has forked: it pushes and pops at the bottom, thieves take the oldest
/// from the top. (Chase and Lev, "Dynamic circular work-stealing deque", 2005; the orders as in Lê,
/// Pop, Cohen, Zappa Nardelli, "Correct and efficient work-stealing for weak memory models", 2013,
/// with the owner's fence made a light one.)
///
/// Jobs stand in the slots [top, bottom). Both only grow, but for the owner's `pop`, which lowers
/// the bottom first and looks at the top after; a thief reads the top first and the bottom after.
/// Between these two on either side stands a fence, so of an owner and a thief that want the same
/// job at least one sees the other:
///   the owner finds top < bottom - 1: no thief can take the job, for one that had read that top or
///     a later one sees the lowered bottom;
///   the owner finds the last job: it takes it as a thief does, by moving the top.
/// A top is moved by one compare-and-swap, so each job is taken once. A thief reads its job before
/// that; if the slot was written over meanwhile, the top had moved, and the swap fails.
///
/// A ring that is full is copied to a larger one; the small one stays until the end, since a thief
/// may still read it: its slots hold the same jobs as far as a swap can succeed.
///
/// Threads: push, pop by the owner; steal, looks_empty by any.
class job_deque {
public:
    AMPHI_EXPORT job_deque();
    job_deque(const job_deque&) = delete;
    job_deque& operator=(const job_deque&) = delete;
    AMPHI_EXPORT ~job_deque();

    /// False when there is no memory for more.
    [[nodiscard]] bool push(job& pushed) noexcept {
        const std::int64_t bottom = bottom_.load(std::memory_order_relaxed);
        if (bottom - top_seen_ >= ring_->capacity && !make_room(bottom)) [[unlikely]]
            return false;
        // relaxed: the bottom publishes it.
        ring_->slot(bottom).store(&pushed, std::memory_order_relaxed);
        bottom_.store(bottom + 1, std::memory_order_release);  // sync: deque.bottom
        return true;
    }

    /// The youngest job, or null.
    [[nodiscard]] job* pop() noexcept {
        const std::int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;
        // release, as every store to it: a thief finds the older jobs by whichever it reads.
        bottom_.store(bottom, std::memory_order_release);  // sync: deque.bottom
        light_fence();
        // relaxed: a thief leaves nothing in the slots, and the fence orders the two words.
        const std::int64_t top = top_.load(std::memory_order_relaxed);
        if (top < bottom) [[likely]]
            return ring_->slot(bottom).load(std::memory_order_relaxed);
        return pop_last(top, bottom);
    }

    /// The oldest job; null when there is none, or another was quicker.
    [[nodiscard]] AMPHI_EXPORT job* steal() noexcept;

    /// Without a fence of its own: a look, which may be out of date.
    [[nodiscard]] bool looks_empty() const noexcept {
        const std::int64_t top = top_.load(std::memory_order_acquire);  // sync: deque.top
        return top >= bottom_.load(std::memory_order_acquire);          // sync: deque.bottom
    }

private:
    struct ring {
        explicit ring(std::int64_t slots_count);
        [[nodiscard]] atomic<job*>& slot(std::int64_t index) const noexcept {
            return slots[static_cast<std::uint64_t>(index) & mask];
        }
        const std::int64_t capacity;
        const std::uint64_t mask;
        std::unique_ptr<atomic<job*>[]> slots;
        std::unique_ptr<ring> smaller;  // The one before it.
    };

    [[nodiscard]] AMPHI_EXPORT bool make_room(std::int64_t bottom) noexcept;
    [[nodiscard]] AMPHI_EXPORT job* pop_last(std::int64_t top, std::int64_t bottom) noexcept;

    // The owner's: lowered and raised by it alone.
    alignas(64) atomic<std::int64_t> bottom_{0};
    ring* ring_;
    // A top that was, no larger than the one that is: so that a push need not read what thieves
    // write.
    std::int64_t top_seen_ = 0;
    // Everybody's.
    alignas(64) atomic<std::int64_t> top_{0};
    atomic<ring*> shared_ring_;
};

}  // namespace amphi::detail
