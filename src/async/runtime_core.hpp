// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/driver.hpp>
#include <amphi/async/metrics.hpp>
#include <amphi/async/runtime.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/stop.hpp>

#include "idle_workers.hpp"
#include "shared_queue.hpp"
#include "worker.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace amphi::detail {

/// The async executor: its workers and what they share. Nothing is started before the first task.
///
/// Threads: any.
class runtime_core final : public scheduler {
public:
    enum class end : bool { with_owner, with_program };

    runtime_core(const runtime_options& options, end ends);
    ~runtime_core();

    void schedule(promise_base& frame) noexcept override;
    void schedule_last(promise_base& frame) noexcept override;
    void start(task_block& block) override;
    [[nodiscard]] stop_state* daemon_stop() noexcept override {
        return ends_with_program_ ? nullptr : &stop_;
    }

    [[nodiscard]] bool run_on_caller(task_block& awaited) noexcept override;

    /// By a worker, when a task of this runtime has completed.
    void task_ended() noexcept;

    /// Waits until no task is left, at most until `deadline`. False when some are.
    [[nodiscard]] bool drain(time_point deadline) noexcept;

    /// Makes work that was just pushed known: wakes, or starts, a worker if nobody searches.
    void wake_one() noexcept;
    [[nodiscard]] bool has_work() noexcept;

    [[nodiscard]] runtime_metrics metrics() const;

    [[nodiscard]] bool is_empty() const noexcept {
        return live_.load(std::memory_order_acquire) == 0;  // sync: runtime.live
    }
    /// Whether this thread is one of its workers.
    [[nodiscard]] bool is_here() const noexcept { return worker_here() != nullptr; }
    /// Whether this process is a fork of the one that made it, and so without its threads.
    [[nodiscard]] bool is_forked() const noexcept;

    [[nodiscard]] driver_kind driver() const noexcept { return driver_; }
    [[nodiscard]] idle_workers& idle() noexcept { return idle_; }
    [[nodiscard]] shared_queue& shared() noexcept { return shared_; }
    [[nodiscard]] const std::vector<std::unique_ptr<worker>>& workers() const noexcept {
        return workers_;
    }
    [[nodiscard]] bool stopping() const noexcept {
        return stopping_.load(std::memory_order_acquire);  // sync: runtime.stopping
    }

private:
    /// The one of its workers that this thread is, or null.
    [[nodiscard]] worker* worker_here() const noexcept;

    /// A thread that is no worker of this runtime, while it makes a task runnable: that task may
    /// run, be the last, and let the runtime's owner go on to destroy it.
    class visitor {
    public:
        explicit visitor(runtime_core& visited) noexcept : visitors_(visited.visitors_) {
            // relaxed: the queue publishes it with the task, whose end the owner waits for.
            visitors_.fetch_add(1, std::memory_order_relaxed);
        }
        visitor(const visitor&) = delete;
        visitor& operator=(const visitor&) = delete;
        ~visitor();

    private:
        atomic<std::uint32_t>& visitors_;
    };

    void wait_for_visitors() noexcept;
    void start_first_worker();
    /// Before the child of a plain thread starts here: keeps its deadline for it.
    void watch_deadline(task_block& child);
    [[nodiscard]] bool begin_on_caller() noexcept;
    [[nodiscard]] bool end_on_caller() noexcept;
    void drive_until_empty(time_point deadline, task_block* awaited) noexcept;
    void wake_or_start(std::size_t index);
    void push(promise_base& frame) noexcept;
    /// By a worker that is awake, for what it has just pushed.
    void wake_another() noexcept;

    const std::string name_;
    const driver_kind driver_;
    std::vector<std::unique_ptr<worker>> workers_;
    idle_workers idle_;
    shared_queue shared_;
    stop_state stop_;
    const bool ends_with_program_;
    const bool on_caller_;
    const std::uint32_t generation_;
    lock driving_lock_;
    bool is_driven_ AMPHI_GUARDED_BY(driving_lock_) = false;
    // Tasks that were started and have not ended.
    atomic<std::uint32_t> live_{0};
    // Of those that were started, the ones from elsewhere than a worker. relaxed: statistics.
    atomic<std::uint64_t> spawned_outside_{0};
    // How many threads were started: zero means that a task must start one, or fail. Released after
    // the thread is joinable: who sees another number finds such a worker.
    atomic<std::uint32_t> threads_{0};
    lock starting_first_;
    // The visitors inside, and `closing` once the destructor waits for them.
    static constexpr std::uint32_t closing = 1U << 31;
    atomic<std::uint32_t> visitors_{0};
    atomic<bool> stopping_{false};
};

/// The runtime that `async` stands for, made at the first use and never destroyed: its workers may
/// be asleep in it when the program ends. Throws `std::invalid_argument` for a bad AMPHI_WORKERS.
[[nodiscard]] runtime_core& shared_runtime();

}  // namespace amphi::detail
