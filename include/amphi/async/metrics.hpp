// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/duration_histogram.hpp>
#include <amphi/base/export.hpp>

#include <cstdint>
#include <vector>

namespace amphi {

/// What one worker of an async runtime has done since it was made.
///
/// The numbers are always counted; times are taken of one turn in 64 and one task in 64 that
/// becomes runnable, since reading the clock costs more than a switch between tasks.
struct worker_metrics {
    std::uint64_t polls = 0;         ///< turns of tasks: each ends with a wait or the task's end
    std::uint64_t spawned = 0;       ///< tasks that were started on this worker
    std::uint64_t steals = 0;        ///< times that it took from another worker's queue
    std::uint64_t stolen = 0;        ///< tasks that it took so
    std::uint64_t parks = 0;         ///< times that it went to sleep
    std::uint64_t driver_calls = 0;  ///< system calls of its driver to fetch events
    std::uint64_t driver_events =
        0;                     ///< events (epoll) and completions (io_uring) that they brought
    std::uint64_t timers = 0;  ///< sleeps and deadlines that came to their time
    /// How long tasks ran before they waited or ended.
    duration_histogram poll_time;
    /// How long tasks waited, runnable, in the queue of a worker. Not the time in the queue that
    /// all workers share: of those from outside, and of those for which a worker's queue had no
    /// room.
    duration_histogram scheduling_delay;

    AMPHI_EXPORT worker_metrics& operator+=(const worker_metrics& other) noexcept;
};

/// What an async runtime has done, and has to do. Its parts are read one after the other while the
/// workers go on, so they need not fit together exactly.
struct runtime_metrics {
    std::uint64_t tasks_alive = 0;      ///< started and not ended
    std::uint64_t spawned_outside = 0;  ///< tasks that were started by other threads
    std::uint64_t queued_outside = 0;   ///< runnable, in the queue that all workers share: those
                                        ///< from outside and those beyond a worker's own queue
    std::vector<worker_metrics> workers;

    /// The sum over the workers.
    [[nodiscard]] AMPHI_EXPORT worker_metrics total() const noexcept;
    /// All tasks that were started.
    [[nodiscard]] AMPHI_EXPORT std::uint64_t tasks_spawned() const noexcept;
};

}  // namespace amphi
