// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/asymmetric_fence.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/export.hpp>
#include <amphi/compute/job.hpp>
#include <amphi/compute/job_deque.hpp>
#include <amphi/compute/sleepers.hpp>
#include <amphi/task/thread_state.hpp>

#include <cstddef>
#include <cstdint>

#include <pthread.h>

namespace amphi::detail {

class compute_core;
class job_latch;

/// A thread of a compute pool.
///
/// Threads: its own, but for `wake` and what thieves do.
class compute_worker {
public:
    compute_worker(compute_core& pool, std::size_t index);
    compute_worker(const compute_worker&) = delete;
    compute_worker& operator=(const compute_worker&) = delete;

    /// Lets others take the job from now on. False when there is no memory: then it is still the
    /// caller's.
    [[nodiscard]] bool offer(job& offered) noexcept {
        if (!deque_.push(offered)) [[unlikely]]
            return false;
        light_fence();
        if (sleepers_.want_wake()) [[unlikely]]
            wake_another();
        return true;
    }

    /// Whether the job that was offered last, or the last of those still there, is the caller's
    /// again. If not, it is running elsewhere, or over. Other jobs that were offered after it and
    /// are still there are run.
    [[nodiscard]] bool take_back(const job& offered) noexcept {
        job* const youngest = deque_.pop();
        return youngest == &offered || take_back_below(youngest, offered);
    }

    /// Runs other jobs until the latch is set.
    AMPHI_EXPORT void wait(job_latch& awaited) noexcept;

    [[nodiscard]] compute_core& pool() const noexcept { return pool_; }
    [[nodiscard]] std::size_t index() const noexcept { return index_; }

    // For its pool.

    /// Starts its thread, or lets it go on if it sleeps. Throws `std::system_error`.
    void wake_or_start();
    /// By the latch that it sleeps for: wakes it, if nobody else has.
    void wake() noexcept;
    [[nodiscard]] const job_deque& deque() const noexcept { return deque_; }
    /// Waits for the end of its thread. False when it has none, or has been joined.
    [[nodiscard]] bool join() noexcept;

private:
    static void thread_main(void* self);
    void run_until(job_latch* awaited) noexcept;
    [[nodiscard]] bool is_over(const job_latch* awaited) const noexcept;
    [[nodiscard]] job* look_around() noexcept;
    [[nodiscard]] job* steal() noexcept;
    /// True: it was woken, and counts as searching.
    void sleep(job_latch* awaited) noexcept;
    void sleep_until_taken() noexcept;

    AMPHI_EXPORT bool take_back_below(job* youngest, const job& offered) noexcept;
    AMPHI_EXPORT void wake_another() noexcept;

    job_deque deque_;
    compute_core& pool_;
    sleepers& sleepers_;
    const std::size_t index_;
    std::uint32_t random_;
    bool started_ = false;  ///< by whoever has taken it out of the list
    pthread_t thread_{};
    // After `thread_` is there, until `join`.
    atomic<bool> joinable_{false};
    // 1 when it was woken and has not noticed yet; it sleeps on this word.
    alignas(64) atomic<std::uint32_t> token_{0};
};

/// The compute pool's worker that this thread is; null on others.
[[nodiscard]] inline compute_worker* compute_worker_of(const thread_state& thread) noexcept {
    return static_cast<compute_worker*>(thread.compute_worker);
}

}  // namespace amphi::detail
