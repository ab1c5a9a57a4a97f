// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/job_scope.hpp>

#include <amphi/base/lock.hpp>
#include <amphi/compute/worker.hpp>
#include <amphi/task/thread_state.hpp>

#include <atomic>
#include <exception>
#include <utility>

namespace amphi::parallel {

job_scope::job_scope(const detail::thread_state& here) noexcept
    : where_(here.current)
    , home_(*detail::compute_worker_of(here))
    , done_(&home_) {}

void job_scope::start(detail::job& spawned) noexcept {
    running_.fetch_add(1, std::memory_order_relaxed);  // The spawner itself keeps it above zero.
    detail::compute_worker* const here = detail::compute_worker_of(detail::this_thread());
    if (here == nullptr || !here->offer(spawned)) spawned.run();
}

void job_scope::ended() noexcept {
    if (running_.fetch_sub(1, std::memory_order_acq_rel) == 1)  // sync: job_scope.running
        done_.set();
}

void job_scope::join() noexcept {
    ended();
    home_.wait(done_);
}

void job_scope::failed(std::exception_ptr error) noexcept {
    const detail::lock_guard guard(lock_);
    if (!failure_) failure_ = std::move(error);
}

void job_scope::throw_failure() {
    const detail::lock_guard guard(lock_);
    if (failure_) std::rethrow_exception(std::move(failure_));
}

}  // namespace amphi::parallel
