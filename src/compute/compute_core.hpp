// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/compute/pool.hpp>
#include <amphi/compute/sleepers.hpp>
#include <amphi/compute/worker.hpp>
#include <amphi/task/scheduler.hpp>

#include "job_queue.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace amphi::detail {

/// A compute pool: its workers and what they share. No thread is started before the first job.
///
/// Threads: any.
class compute_core final : public scheduler {
public:
    explicit compute_core(const compute_options& options);
    /// Ends its threads. No job may be left.
    ~compute_core();

    /// Makes a job from outside known. Throws `std::system_error` when no thread can be started to
    /// run it; then it was not taken.
    void inject(job& injected);

    /// Wakes, or starts, a worker unless somebody searches. Where none can be started the threads
    /// that there are do the work.
    void wake_one() noexcept;

    [[nodiscard]] job* take_outside() noexcept { return outside_.take(); }
    [[nodiscard]] bool has_work() const noexcept;

    [[nodiscard]] const std::vector<std::unique_ptr<compute_worker>>& workers() const noexcept {
        return workers_;
    }
    [[nodiscard]] sleepers& asleep() noexcept { return asleep_; }
    [[nodiscard]] bool stopping() const noexcept {
        return stopping_.load(std::memory_order_acquire);  // sync: compute.stopping
    }
    [[nodiscard]] std::string thread_name(std::size_t index) const;
    [[nodiscard]] std::size_t stack_bytes() const noexcept { return options_.stack_bytes(); }
    void on_thread_start(std::size_t index) const noexcept;
    void thread_started() noexcept {
        threads_.fetch_add(1, std::memory_order_acq_rel);  // sync: compute.threads
    }
    [[nodiscard]] bool is_forked() const noexcept;

    // As an executor of plain functions.
    void start(task_block& block) override;
    void schedule(promise_base& frame) noexcept override;
    void schedule_last(promise_base& frame) noexcept override;
    [[nodiscard]] stop_state* daemon_stop() noexcept override { return nullptr; }

private:
    void start_first();

    const compute_options options_;
    const std::uint32_t generation_;
    sleepers asleep_;
    std::vector<std::unique_ptr<compute_worker>> workers_;
    job_queue outside_;
    // How many threads were started: zero means that a job from outside must start one, or fail.
    atomic<std::uint32_t> threads_{0};
    lock starting_first_;
    atomic<bool> stopping_{false};
};

}  // namespace amphi::detail
