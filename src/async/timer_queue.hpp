// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/timer.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/lock.hpp>

#include <atomic>
#include <cstddef>
#include <vector>

namespace amphi::detail {

/// The timers of one worker: a heap with four children a node, ordered by time. Not a wheel: a heap
/// keeps exact times, and never wakes the worker only to move timers between levels.
///
/// Threads: `expire_until` by the worker, the rest by any; who adds on another thread unparks it.
class timer_queue {
public:
    void add(timer& t, time_point when);
    void remove(timer& t) noexcept;

    /// Calls `expire` of all that are due, and says of how many.
    std::size_t expire_until(time_point now) noexcept;

    /// When the first one is due; `never` without any. May lag behind a removal on another thread.
    [[nodiscard]] time_point next() const noexcept {
        // relaxed: additions come from the reading thread, or before its unpark; a stale removal
        // costs one early look.
        return time_point(duration(next_.load(std::memory_order_relaxed)));
    }

private:
    struct entry {
        time_point when;
        timer* what;
    };

    void place(std::size_t index, entry e) noexcept AMPHI_REQUIRES(lock_);
    void sift_up(std::size_t index, entry e) noexcept AMPHI_REQUIRES(lock_);
    void sift_down(std::size_t index, entry e) noexcept AMPHI_REQUIRES(lock_);
    void take_out(std::size_t index) noexcept AMPHI_REQUIRES(lock_);

    lock lock_;
    std::vector<entry> heap_ AMPHI_GUARDED_BY(lock_);
    // The first entry's time, written under the lock: statistics for the worker's loop.
    atomic<duration::rep> next_{never.time_since_epoch().count()};
};

}  // namespace amphi::detail
