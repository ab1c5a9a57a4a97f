// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/driver.hpp>
#include <amphi/async/worker_job.hpp>
#include <amphi/async/worker_local.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>

#include "local_queue.hpp"
#include "timer_queue.hpp"
#include "worker_counters.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <pthread.h>

namespace amphi::detail {

class runtime_core;
class task_block;

/// One thread of the async executor: takes tasks from its queue, from the shared one and from other
/// workers, and sleeps in its driver when there are none.
///
/// Threads: `unpark`, `start`, `post`, `queue` (to steal from), `counters` (to read) by any; the
/// rest by the worker's thread.
class worker {
public:
    worker(runtime_core& runtime, std::size_t index) noexcept;

    /// Starts the thread. Throws `std::system_error`.
    void start(const char* name);
    [[nodiscard]] bool started() const noexcept { return started_; }
    /// Whether `start` is through, so that the thread can be joined.
    [[nodiscard]] bool joinable() const noexcept {
        return joinable_.load(std::memory_order_acquire);  // sync: worker.joinable
    }
    /// After the runtime's `stopping`: waits for the thread's end. False when there is none.
    [[nodiscard]] bool join() noexcept;

    /// Without a thread of its own: runs on the calling thread until the runtime's last task has
    /// ended. False when `deadline` has passed first. It is passed on to `awaited` (null: none)
    /// when that task has one.
    [[nodiscard]] bool run_on_caller(time_point deadline, task_block* awaited) noexcept;
    /// On this thread: no task is left.
    void leave() noexcept { leaves_ = true; }

    /// Ends the current or the next sleep.
    void unpark() noexcept;

    /// A task that becomes runnable by what this worker does: next in turn, so that a hand-off
    /// stays in this core's cache. True when there is work for another worker now.
    [[nodiscard]] bool push_next(promise_base& frame) noexcept;
    /// As `push_next`, but behind everything that is runnable here.
    [[nodiscard]] bool push_last(promise_base& frame) noexcept;
    /// The task that runs now and is about to suspend, behind the others. True when there are some:
    /// alone it goes on here, and another worker that took it would only move it.
    [[nodiscard]] bool push_yielding(promise_base& frame) noexcept;

    /// Runs `job` on this thread, once, before the next sleep.
    void post(worker_job& job) noexcept;
    void take_back(worker_job& job) noexcept;

    /// What is kept here under `type`, or null.
    [[nodiscard]] worker_local* find_local(const void* type) const noexcept;
    void keep_local(const void* type, std::unique_ptr<worker_local> made);
    /// After the last task, by the thread if there is one: ends what is kept.
    void end_locals() noexcept;

    [[nodiscard]] local_queue& queue() noexcept { return queue_; }
    [[nodiscard]] worker_counters& counters() noexcept { return counters_; }
    [[nodiscard]] timer_queue& timers() noexcept { return timers_; }
    [[nodiscard]] runtime_core& runtime() noexcept { return runtime_; }
    [[nodiscard]] driver& io();

    /// Whether another task is runnable here before the next sleep.
    [[nodiscard]] bool has_more_to_run() const noexcept {
        return next_ != nullptr || !queue_.empty();
    }
    /// Makes a call with the next turn of the driver; false when that has none for it.
    [[nodiscard]] bool begin(ring_send& call) noexcept {
        return driver_ != nullptr && driver_->begin(call);
    }

private:
    static void thread_main(void* self);

    void become_worker() noexcept;
    void loop();
    void run_tasks();
    void resume(promise_base& frame);
    void run(promise_base& frame);
    void resume_timed(promise_base& frame, std::uint64_t queued_at);
    void note_queued(promise_base& frame) noexcept;
    void expire_timers() noexcept;
    [[nodiscard]] promise_base* next_task();
    [[nodiscard]] promise_base* next_local() noexcept;
    [[nodiscard]] promise_base* take_shared(std::size_t count_max) noexcept;
    [[nodiscard]] promise_base* steal() noexcept;
    void found_work() noexcept;
    void sleep();
    void park();
    void look_at_events(time_point until);
    bool run_jobs() noexcept;

    runtime_core& runtime_;
    const std::size_t index_;
    // By whoever holds the right to wake this worker (idle_workers hands it out).
    bool started_ = false;
    pthread_t thread_{};
    // false, true once `thread_` is written, false again by join.
    atomic<bool> joinable_{false};

    local_queue queue_;
    timer_queue timers_;
    std::unique_ptr<driver> driver_;
    std::vector<std::pair<const void*, std::unique_ptr<worker_local>>> locals_;  // by type: few
    promise_base* next_ = nullptr;
    std::uint32_t next_runs_ = 0;
    std::uint32_t turn_ = 0;
    std::uint32_t pushes_ = 0;
    std::uint32_t random_;
    bool searching_ = false;
    bool leaves_ = false;  // on the caller's thread: the runtime is empty
    // Counted as asleep. What becomes runnable meanwhile, by the events that end the sleep, is ours
    // to run first, and is made known to others once, after the sleep.
    bool parked_ = false;
    bool looking_ = false;  // at what came in between two tasks

    // awake      by the worker when it returns from its sleep
    // in_futex   by the worker, from awake: it sleeps on this word
    // in_driver  by the worker, from awake: it sleeps in its driver, which exists from then on
    // notified   by unpark; the worker's next sleep does not begin, or ends
    enum : std::uint32_t { awake, in_futex, in_driver, notified };
    atomic<std::uint32_t> sleep_state_{awake};

    lock jobs_lock_;
    intrusive_list<worker_job> jobs_ AMPHI_GUARDED_BY(jobs_lock_);
    // Whether there are jobs. relaxed: the lock publishes them, and who posts from elsewhere
    // unparks.
    atomic<bool> has_jobs_{false};

    worker_counters counters_;  // Last: its histograms would tear apart what a turn needs.
};

/// The worker that this thread is, or null.
[[nodiscard]] worker* this_worker() noexcept;

}  // namespace amphi::detail
