// SPDX-License-Identifier: BSL-1.0
#include "compute_core.hpp"

#include <amphi/base/assert.hpp>
#include <amphi/base/asymmetric_fence.hpp>
#include <amphi/base/environment.hpp>
#include <amphi/base/fork.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/compute/job.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/worker_count.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

namespace amphi::detail {

namespace {

/// A spawned task as a job: the task has the rest.
class block_job final : public job {
public:
    explicit block_job(task_block& block) noexcept : job(run_block), block_(block) {}

private:
    static void run_block(job& self) noexcept {
        const std::unique_ptr<block_job> owned(static_cast<block_job*>(&self));
        owned->block_.run_here();
    }
    task_block& block_;
};

}  // namespace

compute_core::compute_core(const compute_options& options)
    : options_(options)
    , generation_(fork_generation())
    , asleep_(
          options.workers() != 0 ? options.workers() : default_worker_count("AMPHI_COMPUTE_WORKERS")
      ) {
    prepare_asymmetric_fences();
    const std::size_t count = asleep_.count();
    workers_.reserve(count);
    for (std::size_t index = 0; index < count; ++index)
        workers_.push_back(std::make_unique<compute_worker>(*this, index));
}

compute_core::~compute_core() {
    if (is_forked()) return;
    AMPHI_ASSERT(outside_.looks_empty());
    stopping_.store(true, std::memory_order_seq_cst);  // sync: compute.stopping
    // A thread that is about to end may still start another one: until a round finds none.
    for (bool found = true; found;) {
        found = false;
        for (const auto& worker : workers_)
            found = worker->join() || found;
    }
}

bool compute_core::is_forked() const noexcept {
    return generation_ != fork_generation();
}

std::string compute_core::thread_name(std::size_t index) const {
    std::string name = options_.name();
    name += '-';
    name += std::to_string(index);
    return name;
}

void compute_core::on_thread_start(std::size_t index) const noexcept {
    if (options_.on_start() != nullptr) options_.on_start()(index);
}

void compute_core::inject(job& injected) {
    if (is_forked())
        throw std::logic_error(
            "a compute pool was made before a fork and has no threads here: make one after it"
        );
    // Before the push: what is in the queue must be run by somebody.
    if (threads_.load(std::memory_order_acquire) == 0) start_first();  // sync: compute.threads
    outside_.push(injected);
    if (asleep_.want_wake_after_push()) wake_one();
}

void compute_core::start_first() {
    const lock_guard guard(starting_first_);
    if (threads_.load(std::memory_order_acquire) != 0) return;  // sync: compute.threads
    const auto worker = asleep_.take_one();
    AMPHI_ASSERT(worker.has_value());  // They are all there still.
    try {
        workers_[*worker]->wake_or_start();
    } catch (...) {
        asleep_.give_back(*worker);
        throw;
    }
}

void compute_core::wake_one() noexcept {
    const auto worker = asleep_.take_one();
    if (!worker) return;
    try {
        workers_[*worker]->wake_or_start();
    } catch (...) {
        asleep_.give_back(*worker);
    }
}

bool compute_core::has_work() const noexcept {
    return !outside_.looks_empty() ||
           std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) {
               return !worker->deque().looks_empty();
           });
}

void compute_core::start(task_block& block) {
    auto owned = std::make_unique<block_job>(block);
    inject(*owned);
    (void)owned.release();
}

void compute_core::schedule(promise_base& /*frame*/) noexcept {
    constexpr bool suspends_on_a_compute_pool = false;
    AMPHI_ASSERT(suspends_on_a_compute_pool);
}

void compute_core::schedule_last(promise_base& frame) noexcept {
    schedule(frame);
}

}  // namespace amphi::detail
