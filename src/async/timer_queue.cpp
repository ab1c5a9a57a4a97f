// SPDX-License-Identifier: BSL-1.0
#include "timer_queue.hpp"

#include <amphi/async/timer.hpp>
#include <amphi/base/assert.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/task/thread_state.hpp>

#include "worker.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace amphi::detail {

namespace {

constexpr std::size_t children_per_node = 4;

}  // namespace

timer::~timer() {
    AMPHI_ASSERT(queue_ == nullptr);
}

void timer::arm(time_point when) {
    auto* const here = static_cast<worker*>(this_thread().worker);
    AMPHI_ASSERT(here != nullptr);
    arm_in(here->timers(), when);
}

void timer::arm_in(timer_queue& queue, time_point when) {
    AMPHI_ASSERT(queue_ == nullptr);
    queue.add(*this, when);
    queue_ = &queue;
}

void timer::disarm() noexcept {
    if (queue_ != nullptr) {
        queue_->remove(*this);
        queue_ = nullptr;
    }
}

void timer_queue::place(std::size_t index, entry e) noexcept {
    heap_[index] = e;
    e.what->index_ = static_cast<std::uint32_t>(index + 1);
    if (index == 0) next_.store(e.when.time_since_epoch().count(), std::memory_order_relaxed);
}

void timer_queue::sift_up(std::size_t index, entry e) noexcept {
    while (index > 0) {
        const std::size_t parent = (index - 1) / children_per_node;
        if (heap_[parent].when <= e.when) break;
        place(index, heap_[parent]);
        index = parent;
    }
    place(index, e);
}

void timer_queue::sift_down(std::size_t index, entry e) noexcept {
    for (;;) {
        const std::size_t first = index * children_per_node + 1;
        if (first >= heap_.size()) break;
        const std::size_t last = std::min(first + children_per_node, heap_.size());
        std::size_t least = first;
        for (std::size_t child = first + 1; child < last; ++child)
            if (heap_[child].when < heap_[least].when) least = child;
        if (e.when <= heap_[least].when) break;
        place(index, heap_[least]);
        index = least;
    }
    place(index, e);
}

void timer_queue::add(timer& t, time_point when) {
    const lock_guard guard(lock_);
    heap_.emplace_back();
    sift_up(heap_.size() - 1, {when, &t});
}

void timer_queue::take_out(std::size_t index) noexcept {
    heap_[index].what->index_ = 0;
    const entry moved = heap_.back();
    heap_.pop_back();
    if (index < heap_.size()) {
        if (index > 0 && moved.when < heap_[(index - 1) / children_per_node].when)
            sift_up(index, moved);
        else
            sift_down(index, moved);
    }
    if (heap_.empty()) next_.store(never.time_since_epoch().count(), std::memory_order_relaxed);
}

void timer_queue::remove(timer& t) noexcept {
    const lock_guard guard(lock_);
    if (t.index_ != 0) take_out(t.index_ - 1);
}

std::size_t timer_queue::expire_until(time_point now) noexcept {
    if (next() > now) return 0;
    std::size_t expired = 0;
    // Under the lock, so that `remove` has either taken a timer out before or waits until it is
    // done.
    const lock_guard guard(lock_);
    while (!heap_.empty() && heap_.front().when <= now) {
        timer* const due = heap_.front().what;
        take_out(0);
        due->expire();
        ++expired;
    }
    return expired;
}

}  // namespace amphi::detail
