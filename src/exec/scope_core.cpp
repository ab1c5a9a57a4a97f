// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope_core.hpp>

#include <amphi/base/assert.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/thread_pool.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/trace.hpp>
#include <amphi/task/waiter.hpp>

#include <cstddef>
#include <exception>
#include <utility>
#include <vector>

namespace amphi::detail {

scope_core::scope_core(const context& outer) noexcept : where_(outer) {
    where_.stop = &stop_;
    stop_.attach(outer.stop);
}

scope_core::~scope_core() {
    // The joiner has seen zero; the last child may still be inside `leave`.
    const lock_guard guard(lock_);
    AMPHI_ASSERT(running_ == 0);
}

void scope_core::limit(std::size_t running_max) noexcept {
    const lock_guard guard(lock_);
    running_max_ = running_max == 0 ? static_cast<std::size_t>(-1) : running_max;
    while (running_ < running_max_ && !waiting_.empty()) {
        const ticket next = waiting_.pop_front()->parked;
        const claim_result result = next.claim();
        running_ += result == claim_result::lost ? 0 : 1;
        if (result == claim_result::must_wake) next.wake();
    }
}

std::size_t scope_core::running() const noexcept {
    const lock_guard guard(lock_);
    return running_;
}

bool scope_core::has_room() const noexcept {
    return running_ < running_max_ && waiting_.empty();
}

bool scope_core::try_enter() noexcept {
    const lock_guard guard(lock_);
    if (!has_room()) return false;
    ++running_;
    return true;
}

void scope_core::enter_or_wait(permit_waiter& node, ticket t) noexcept {
    const lock_guard guard(lock_);
    if (!has_room()) {
        node.parked = t;
        waiting_.push_back(node);
    } else if (t.claim() != claim_result::lost) {
        ++running_;
    }
}

void scope_core::withdraw(permit_waiter& node) noexcept {
    const lock_guard guard(lock_);
    waiting_.remove(node);
}

void scope_core::start(task_block& child, scheduler* home) {
    if (child.listener == nullptr) child.listener = this;  // Else that one tells us.
    child.needs_timer = !where_.suspends() && where_.deadline != never;
    child.inherit(where_);
    try {
        start_on(home, child);
    } catch (...) {
        child.stop.detach();
        child.release();
        leave();
        throw;
    }
}

void scope_core::failed(const task_block& child) noexcept {
    ended_by(child.error, child.error_trace(), child.where);
}

void scope_core::body_ended_by(std::exception_ptr left) noexcept {
    const trace frames = take_trace(left);
    ended_by(std::move(left), frames, where_);
}

void scope_core::ended_by(
    std::exception_ptr left, const trace& frames, const context& where
) noexcept {
    const bool cancelled = is_cancellation(left, where);
    {
        const lock_guard guard(lock_);
        if (cancelled) {
            if (!cancelled_) cancelled_ = std::move(left);
            return;
        }
        if (!failure_) {
            failure_ = std::move(left);
            failure_trace_ = frames;
        } else {
            further_.push_back(std::move(left));
        }
    }
    stop_.request(stop_reason::cancel);
}

void scope_core::leave() noexcept {
    ticket admitted;
    ticket joiner;
    {
        const lock_guard guard(lock_);
        --running_;
        while (!admitted && running_ < running_max_ && !waiting_.empty()) {
            const ticket next = waiting_.pop_front()->parked;
            const claim_result result = next.claim();
            running_ += result == claim_result::lost ? 0 : 1;
            if (result == claim_result::must_wake) admitted = next;
        }
        if (running_ == 0 && joiner_ && joiner_.claim() == claim_result::must_wake)
            joiner = joiner_;
    }
    if (admitted) admitted.wake();
    if (joiner) joiner.wake();
}

void scope_core::publish_joiner(ticket joiner) noexcept {
    const lock_guard guard(lock_);
    if (running_ == 0)
        (void)joiner.claim();
    else
        joiner_ = joiner;
}

void scope_core::withdraw_joiner() noexcept {
    const lock_guard guard(lock_);
    joiner_ = {};
}

void scope_core::throw_failure(bool incomplete, const context& outer) {
    std::exception_ptr thrown;
    trace frames;
    bool cancelled = false;
    {
        const lock_guard guard(lock_);
        thrown = failure_;
        frames = std::move(failure_trace_);
        cancelled = !thrown && incomplete && cancelled_;
        if (cancelled) thrown = cancelled_;
    }
    if (cancelled && stop_requested(outer)) throw_stopped(outer);
    if (thrown) {
        continue_trace(thrown, std::move(frames));
        std::rethrow_exception(thrown);
    }
}

std::vector<std::exception_ptr> scope_core::further_failures() const {
    const lock_guard guard(lock_);
    return further_;
}

}  // namespace amphi::detail
