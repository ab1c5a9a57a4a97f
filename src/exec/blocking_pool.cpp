// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/blocking_pool.hpp>

#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/fork.hpp>
#include <amphi/base/futex.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/blocking_metrics.hpp>
#include <amphi/exec/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>

namespace amphi::detail {

namespace {

constexpr std::size_t running_max = 64;
constexpr auto patience = std::chrono::milliseconds(100);

class blocking_pool {
public:
    void start(task_block& block) {
        if (!admit_or_queue(block)) return;
        try {
            start_on_plain_thread({run_jobs, &block});
        } catch (...) {
            const lock_guard guard(lock_);
            --running_;
            throw;
        }
    }

    [[nodiscard]] blocking_pool_metrics metrics() const noexcept {
        const lock_guard guard(lock_);
        return {running_, running_max, queue_.size(), finished_, beyond_limit_};
    }

private:
    static void run_jobs(void* first);
    static void watch(void* pool) { static_cast<blocking_pool*>(pool)->relieve_stalls(); }

    /// True when the caller has to start a thread for the block.
    bool admit_or_queue(task_block& block) {
        const lock_guard guard(lock_);
        if (running_ < running_max) {
            ++running_;
            return true;
        }
        if (!watched_) {
            start_on_plain_thread({watch, this});
            watched_ = true;
        }
        queue_.push_back(&block);
        signal_watcher();
        return false;
    }

    task_block* take() AMPHI_REQUIRES(lock_) {
        if (queue_.empty()) return nullptr;
        task_block* const first = queue_.front();
        queue_.pop_front();
        return first;
    }

    /// The next job for a thread that has finished one; null: the thread leaves.
    task_block* next() {
        const lock_guard guard(lock_);
        ++finished_;
        task_block* const block = running_ <= running_max ? take() : nullptr;
        if (block == nullptr) --running_;
        return block;
    }

    void signal_watcher() noexcept {
        queued_.fetch_add(1, std::memory_order_release);  // sync: blocking.queued
        futex_wake(&queued_, 1);
    }

    [[noreturn]] void relieve_stalls();

    mutable lock lock_;
    std::deque<task_block*> queue_ AMPHI_GUARDED_BY(lock_);
    std::size_t running_ AMPHI_GUARDED_BY(lock_) = 0;
    std::uint64_t finished_ AMPHI_GUARDED_BY(lock_) = 0;
    std::uint64_t beyond_limit_ AMPHI_GUARDED_BY(lock_) = 0;
    bool watched_ AMPHI_GUARDED_BY(lock_) = false;
    // Counts the jobs that were queued; the watcher sleeps on it while the queue is empty.
    atomic<std::uint32_t> queued_{0};
};

blocking_pool* make_pool() {
    return new blocking_pool;
}

blocking_pool& pool() {
    return one_per_process<blocking_pool, make_pool>();
}

void blocking_pool::run_jobs(void* first) {
    for (auto* block = static_cast<task_block*>(first); block != nullptr; block = pool().next())
        block->run_here();
}

void blocking_pool::relieve_stalls() {
    for (;;) {
        const std::uint32_t seen =
            queued_.load(std::memory_order_acquire);  // sync: blocking.queued
        std::uint64_t finished = 0;
        bool waiting = false;
        {
            const lock_guard guard(lock_);
            finished = finished_;
            waiting = !queue_.empty();
        }
        if (!waiting) {
            futex_wait(queued_, seen);
            continue;
        }
        // The sleep is a deadline, not a poll: it is taken only while a job is queued.
        atomic<std::uint32_t> nobody{0};
        const time_point until = clock::now() + patience;
        while (futex_wait(nobody, 0, until)) {
        }
        task_block* stalled = nullptr;
        {
            const lock_guard guard(lock_);
            if (finished == finished_) stalled = take();
            if (stalled != nullptr) {
                ++running_;
                ++beyond_limit_;
            }
        }
        if (stalled == nullptr) continue;
        try {
            start_on_plain_thread({run_jobs, stalled});
        } catch (...) {
            {
                const lock_guard guard(lock_);
                --running_;
                --beyond_limit_;
            }
            stalled->fail(std::current_exception());
        }
    }
}

}  // namespace

void start_blocking(task_block& block) {
    pool().start(block);
}

}  // namespace amphi::detail

namespace amphi {

blocking_pool_metrics blocking_metrics() noexcept {
    return detail::pool().metrics();
}

}  // namespace amphi
