// SPDX-License-Identifier: BSL-1.0
#include "runtime_core.hpp"

#include <amphi/async/metrics.hpp>
#include <amphi/async/runtime.hpp>
#include <amphi/base/assert.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/fork.hpp>
#include <amphi/base/futex.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/worker_count.hpp>

#include "outside_deadline.hpp"
#include "worker.hpp"

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace amphi::detail {

namespace {

driver_kind driver_kind_for(const runtime_options& options) {
    if (!options.runs_on_caller()) return driver_kind_of(options.driver());
    if (driver_kind_of(options.driver()) == driver_kind::uring && !options.driver().empty())
        throw std::invalid_argument(
            "the driver of a runtime on_caller() is epoll: a ring would belong to one thread"
        );
    return driver_kind::epoll;
}

}  // namespace

runtime_core::runtime_core(const runtime_options& options, end ends)
    : name_(options.name())
    , driver_(driver_kind_for(options))
    , idle_(options.workers() != 0 ? options.workers() : default_worker_count("AMPHI_WORKERS"))
    , ends_with_program_(ends == end::with_program)
    , on_caller_(options.runs_on_caller())
    , generation_(fork_generation()) {
    const std::size_t count =
        options.workers() != 0 ? options.workers() : default_worker_count("AMPHI_WORKERS");
    for (std::size_t index = 0; index < count; ++index)
        workers_.push_back(std::make_unique<worker>(*this, index));
}

runtime_core::~runtime_core() {
    stopping_.store(true, std::memory_order_release);  // sync: runtime.stopping
    wait_for_visitors();
    if (on_caller_) workers_.front()->end_locals();
    // A worker may have started another one just now: that is seen once its starter is joined.
    bool any = true;
    while (any) {
        any = false;
        for (const auto& w : workers_)
            if (w->join()) any = true;
    }
}

runtime_core::visitor::~visitor() {
    // The last access to the runtime, unless it waits for us.
    atomic<std::uint32_t>* const word = &visitors_;
    if (word->fetch_sub(1, std::memory_order_release) == (closing | 1))  // sync: runtime.visitors
        futex_wake(word, 1);
}

void runtime_core::wait_for_visitors() noexcept {
    std::uint32_t inside = visitors_.fetch_add(closing, std::memory_order_acquire) +
                           closing;  // sync: runtime.visitors
    while (inside != closing) {
        futex_wait(visitors_, inside);
        inside = visitors_.load(std::memory_order_acquire);  // sync: runtime.visitors
    }
}

bool runtime_core::is_forked() const noexcept {
    return fork_generation() != generation_;
}

worker* runtime_core::worker_here() const noexcept {
    worker* const here = this_worker();
    return here != nullptr && &here->runtime() == this ? here : nullptr;
}

void runtime_core::start_first_worker() {
    // One after the other: who finds a thread being started could not know whether it will be.
    const lock_guard guard(starting_first_);
    if (threads_.load(std::memory_order_relaxed) != 0) return;
    if (const auto first = idle_.worker_to_wake()) wake_or_start(*first);
}

void runtime_core::start(task_block& block) {
    if (is_forked())
        throw std::logic_error(
            "a runtime does not come along in a fork, which has no threads: make another one there"
        );
    block.where.home = this;
    block.make_frame();
    AMPHI_ASSERT(block.frame != nullptr);
    // Before the task can be seen: afterwards nobody could take it back.
    if (!on_caller_ && threads_.load(std::memory_order_acquire) == 0)  // sync: runtime.threads
        start_first_worker();
    if (block.needs_timer) watch_deadline(block);
    // relaxed: the queue publishes the task; `drain` reads the count's own history.
    live_.fetch_add(1, std::memory_order_relaxed);
    if (worker* const here = worker_here()) {
        here->counters().spawned.add();
        if (here->push_last(*block.frame)) wake_another();
    } else {
        spawned_outside_.fetch_add(1, std::memory_order_relaxed);
        push(*block.frame);
    }
}

runtime_metrics runtime_core::metrics() const {
    runtime_metrics result;
    result.tasks_alive = live_.load(std::memory_order_relaxed);
    result.spawned_outside = spawned_outside_.load(std::memory_order_relaxed);
    result.queued_outside = shared_.size();
    for (const auto& w : workers_)
        result.workers.push_back(w->counters().read());
    return result;
}

void runtime_core::watch_deadline(task_block& child) {
    const auto some = std::find_if(workers_.begin(), workers_.end(), [this](const auto& w) {
        return on_caller_ || w->joinable();
    });
    AMPHI_ASSERT(some != workers_.end());
    worker& keeper = **some;
    auto deadline = std::make_unique<outside_deadline>(child);
    deadline->arm_in(keeper.timers(), child.where.deadline);
    child.listener = deadline.release();
    keeper.unpark();
}

void runtime_core::push(promise_base& frame) noexcept {
    const visitor inside(*this);
    shared_.push(frame);
    wake_one();
}

void runtime_core::schedule(promise_base& frame) noexcept {
    worker* const here = worker_here();
    if (here == nullptr)
        push(frame);
    else if (here->push_next(frame))
        wake_another();
}

void runtime_core::schedule_last(promise_base& frame) noexcept {
    worker* const here = worker_here();
    if (here == nullptr) return push(frame);
    // Behind what no worker has yet, too. In the worker's own queue it would come before those;
    // with more tasks than that queue holds, some would have many turns and others hardly any.
    const bool others = shared_.size() != 0;
    if (others) shared_.push(frame);
    if (others || here->push_yielding(frame)) wake_another();
}

void runtime_core::wake_or_start(std::size_t index) {
    worker& w = *workers_[index];
    if (on_caller_ || w.started()) {
        w.unpark();
        return;
    }
    try {
        w.start((name_ + "-" + std::to_string(index)).c_str());
    } catch (...) {
        idle_.give_back(index);
        throw;
    }
    threads_.fetch_add(1, std::memory_order_release);  // sync: runtime.threads
}

void runtime_core::wake_one() noexcept {
    const auto index = idle_.worker_to_wake();
    if (!index) return;
    try {
        wake_or_start(*index);
    } catch (...) {
        // A thread less than wished for. There is one at least; but while this one counted as
        // searching, who went to sleep did not look again, and who brought work woke nobody.
        for (const auto& w : workers_)
            if (w->joinable()) w->unpark();
    }
}

void runtime_core::wake_another() noexcept {
    if (workers_.size() > 1) wake_one();
}

bool runtime_core::has_work() noexcept {
    return shared_.size() != 0 || std::any_of(workers_.begin(), workers_.end(), [](const auto& w) {
               return !w->queue().empty();
           });
}

void runtime_core::task_ended() noexcept {
    if (live_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;  // sync: runtime.live
    if (on_caller_) workers_.front()->leave();
    futex_wake(&live_, INT_MAX);
}

bool runtime_core::run_on_caller(task_block& awaited) noexcept {
    if (!on_caller_ || !begin_on_caller()) return false;
    drive_until_empty(never, &awaited);
    return true;
}

bool runtime_core::begin_on_caller() noexcept {
    const lock_guard guard(driving_lock_);
    return !std::exchange(is_driven_, true);
}

/// False when a task has been started meanwhile, whose starter relies on this thread.
bool runtime_core::end_on_caller() noexcept {
    const lock_guard guard(driving_lock_);
    if (!is_empty()) return false;
    is_driven_ = false;
    return true;
}

void runtime_core::drive_until_empty(time_point deadline, task_block* awaited) noexcept {
    worker& only = *workers_.front();
    do {
        if (only.run_on_caller(deadline, awaited)) continue;
        const lock_guard guard(driving_lock_);
        is_driven_ = false;
        return;
    } while (!end_on_caller());
}

bool runtime_core::drain(time_point deadline) noexcept {
    if (on_caller_ && begin_on_caller()) drive_until_empty(deadline, nullptr);
    for (;;) {
        const std::uint32_t left = live_.load(std::memory_order_acquire);  // sync: runtime.live
        if (left == 0) return true;
        if (!futex_wait(live_, left, deadline)) return false;
    }
}

}  // namespace amphi::detail
