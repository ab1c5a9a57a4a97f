// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/worker.hpp>

#include <amphi/base/asymmetric_fence.hpp>
#include <amphi/base/futex.hpp>
#include <amphi/compute/job.hpp>
#include <amphi/compute/job_latch.hpp>
#include <amphi/exec/os_thread.hpp>
#include <amphi/task/thread_state.hpp>

#include "compute_core.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <sched.h>

namespace amphi::detail {

namespace {

// How often a worker without work looks around before it sleeps: some tens of microseconds, which
// is what a sleep and a wake cost.
#if defined(AMPHI_INTERLEAVE)
constexpr int looks_max = 1;  // A simulation tries all orders, not all times.
#else
constexpr int looks_max = 64;
#endif

}  // namespace

compute_worker::compute_worker(compute_core& pool, std::size_t index)
    : pool_(pool)
    , sleepers_(pool.asleep())
    , index_(index)
    , random_(static_cast<std::uint32_t>(index) * 2654435761U + 1) {}

void compute_worker::wake_or_start() {
    if (started_) {
        if (token_.exchange(1, std::memory_order_acq_rel) == 0)  // sync: compute.token
            futex_wake(&token_, 1);
        return;
    }
    // First, since the thread may have gone to sleep, and a third one may want to wake it, before
    // this one goes on.
    started_ = true;
    try {
        thread_ = start_os_thread(
            pool_.thread_name(index_).c_str(), pool_.stack_bytes(), thread_main, this
        );
    } catch (...) {
        started_ = false;
        throw;
    }
    joinable_.store(true, std::memory_order_release);  // sync: compute.joinable
    pool_.thread_started();
}

void compute_worker::wake() noexcept {
    // It sleeps, so it was started: nothing is thrown.
    if (sleepers_.take(index_)) wake_or_start();
}

void compute_worker::wake_another() noexcept {
    pool_.wake_one();
}

bool compute_worker::join() noexcept {
    if (!joinable_.exchange(false, std::memory_order_acq_rel))
        return false;  // sync: compute.joinable
    wake();
    join_os_thread(thread_);
    return true;
}

void compute_worker::thread_main(void* self) {
    auto& worker = *static_cast<compute_worker*>(self);
    this_thread().compute_worker = self;
    worker.pool_.on_thread_start(worker.index_);
    worker.sleepers_.begin_search();
    worker.run_until(nullptr);
}

bool compute_worker::is_over(const job_latch* awaited) const noexcept {
    return awaited != nullptr ? awaited->is_set() : pool_.stopping();
}

void compute_worker::wait(job_latch& awaited) noexcept {
    if (awaited.is_set()) return;
    sleepers_.begin_search();
    run_until(&awaited);
}

void compute_worker::run_until(job_latch* awaited) noexcept {
    bool searching = true;
    int looks = 0;
    while (!is_over(awaited)) {
        if (job* const found = look_around()) {
            if (searching && sleepers_.end_search()) pool_.wake_one();
            searching = false;
            looks = 0;
            found->run();
        } else if (!searching) {
            sleepers_.begin_search();
            searching = true;
        } else if (++looks < looks_max) {
            ::sched_yield();
        } else {
            sleep(awaited);
            looks = 0;
        }
    }
    if (searching && sleepers_.end_search()) pool_.wake_one();
}

job* compute_worker::look_around() noexcept {
    if (job* const own = deque_.pop()) return own;
    if (job* const stolen = steal()) return stolen;
    return pool_.take_outside();
}

job* compute_worker::steal() noexcept {
    random_ = random_ * 1664525U + 1013904223U;
    const std::size_t count = pool_.workers().size();
    const std::size_t first = (random_ >> 16) % count;
    for (std::size_t i = 0; i < count; ++i) {
        compute_worker& victim = *pool_.workers()[(first + i) % count];
        if (&victim == this) continue;
        if (job* const stolen = victim.deque_.steal()) return stolen;
    }
    return nullptr;
}

void compute_worker::sleep(job_latch* awaited) noexcept {
    if (awaited != nullptr && !awaited->begin_sleep()) return;
    sleepers_.enter(index_);
    heavy_fence();
    // Whoever has taken it out of the list leaves the token.
    const bool awake = (is_over(awaited) || pool_.has_work()) && sleepers_.take(index_);
    if (!awake) {
        while (token_.exchange(0, std::memory_order_acq_rel) == 0)  // sync: compute.token
            futex_wait(token_, 0);
    }
    if (awaited != nullptr) awaited->end_sleep();
}

bool compute_worker::take_back_below(job* youngest, const job& offered) noexcept {
    for (; youngest != nullptr; youngest = deque_.pop()) {
        if (youngest == &offered) return true;
        youngest->run();
    }
    return false;
}

}  // namespace amphi::detail
