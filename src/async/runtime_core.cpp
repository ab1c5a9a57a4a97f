// SPDX-License-Identifier: BSL-1.0
#include "runtime_core.hpp"

#include <amphi/async/worker_count.hpp>
#include <amphi/base/assert.hpp>
#include <amphi/base/futex.hpp>
#include <amphi/exec/block.hpp>

#include <algorithm>
#include <stdexcept>

namespace amphi::detail {

runtime_core::runtime_core(const runtime_options& options, end ends)
    : name_(options.name())
    , idle_(options.workers() != 0 ? options.workers() : default_worker_count())
    , ends_with_program_(ends == end::with_program) {
    const std::size_t count = options.workers() != 0 ? options.workers() : default_worker_count();
    for (std::size_t index = 0; index < count; ++index)
        workers_.push_back(std::make_unique<worker>(*this, index));
}

runtime_core::~runtime_core() {
    stopping_.store(true, std::memory_order_release);  // sync: runtime.stopping
    for (const auto& w : workers_) {
        if (w->started()) {
            w->unpark();
            w->join();
        }
    }
}

void runtime_core::start(task_block& block) {
    block.where.home = this;
    block.make_frame();
    AMPHI_ASSERT(block.frame != nullptr);
    // Before the task can be seen: afterwards nobody could take it back.
    if (threads_.load(std::memory_order_relaxed) == 0) {
        const auto first = idle_.worker_to_wake();
        if (first) wake_or_start(*first);
    }
    // relaxed: the queue publishes the task; `drain` reads the count's own history.
    live_.fetch_add(1, std::memory_order_relaxed);
    promise_base& frame = *block.frame;
    worker* const here = this_worker();
    if (here != nullptr && &here->runtime() == this)
        here->push_last(frame);
    else
        shared_.push(frame);
    wake_one();
}

void runtime_core::push(promise_base& frame) noexcept {
    shared_.push(frame);
    wake_one();
}

void runtime_core::schedule(promise_base& frame) noexcept {
    worker* const here = this_worker();
    if (here == nullptr || &here->runtime() != this)
        push(frame);
    else if (here->push_next(frame))
        wake_one();
}

void runtime_core::schedule_last(promise_base& frame) noexcept {
    worker* const here = this_worker();
    if (here == nullptr || &here->runtime() != this) {
        push(frame);
    } else {
        here->push_last(frame);
        wake_one();
    }
}

void runtime_core::wake_or_start(std::size_t index) {
    worker& w = *workers_[index];
    if (w.started()) {
        w.unpark();
        return;
    }
    try {
        w.start((name_ + "-" + std::to_string(index)).c_str());
    } catch (...) {
        idle_.give_back(index);
        throw;
    }
    threads_.fetch_add(1, std::memory_order_relaxed);
}

void runtime_core::wake_one() noexcept {
    const auto index = idle_.worker_to_wake();
    if (!index) return;
    try {
        wake_or_start(*index);
    } catch (...) {
        // A thread less than wished for. There is one at least, and it will come to this work.
        return;
    }
}

bool runtime_core::has_work() noexcept {
    return shared_.size() != 0 || std::any_of(workers_.begin(), workers_.end(), [](const auto& w) {
               return !w->queue().empty();
           });
}

void runtime_core::task_ended() noexcept {
    if (live_.fetch_sub(1, std::memory_order_acq_rel) == 1)  // sync: runtime.live
        futex_wake(&live_, 1);
}

bool runtime_core::drain(time_point deadline) noexcept {
    for (;;) {
        const std::uint32_t left = live_.load(std::memory_order_acquire);  // sync: runtime.live
        if (left == 0) return true;
        if (!futex_wait(live_, left, deadline)) return false;
    }
}

}  // namespace amphi::detail
