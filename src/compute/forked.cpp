// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/forked.hpp>

#include <amphi/base/error.hpp>
#include <amphi/compute/pool.hpp>
#include <amphi/compute/worker.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/thread_state.hpp>

#include "compute_core.hpp"

#include <utility>

namespace amphi::detail {

borrowed_context::borrowed_context(const context* of) noexcept {
    const context* inside = of;
    if (of != nullptr && of->stop != nullptr) {
        where_ = *of;
        where_.stop = &stop_;
        stop_.attach(of->stop);
        inside = &where_;
    }
    outer_ = std::exchange(this_thread().current, inside);
}

borrowed_context::~borrowed_context() {
    this_thread().current = outer_;
}

compute_core& pool_of_this_thread() {
    if (const compute_worker* const here = compute_worker_of(this_thread())) return here->pool();
    return static_cast<compute_core&>(*compute_executor::home());
}

bool is_worker_of(const compute_core& pool) noexcept {
    const compute_worker* const here = compute_worker_of(this_thread());
    return here != nullptr && &here->pool() == &pool;
}

void run_and_wait(compute_core& pool, job& injected, job_latch& done) {
    if (current_context().suspends())
        throw would_block_worker("a call that waits for the compute pool");
    pool.inject(injected);
    if (compute_worker* const here = compute_worker_of(this_thread()))
        here->wait(done);  // A worker of another pool goes on with that one's jobs.
    else
        done.wait_outside();
}

}  // namespace amphi::detail
