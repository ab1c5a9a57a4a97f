// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/stop.hpp>

#include <amphi/base/assert.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/waiter.hpp>

#include <atomic>
#include <exception>

namespace amphi::detail {

stop_state::~stop_state() {
    detach();
    AMPHI_ASSERT(first_child_ == nullptr);
}

void stop_state::link(stop_state& child) noexcept {
    child.next_ = first_child_;
    if (first_child_ != nullptr) first_child_->previous_ = &child;
    first_child_ = &child;
}

void stop_state::unlink(stop_state& child) noexcept {
    (child.previous_ != nullptr ? child.previous_->next_ : first_child_) = child.next_;
    if (child.next_ != nullptr) child.next_->previous_ = child.previous_;
    child.next_ = child.previous_ = nullptr;
}

void stop_state::attach(stop_state* parent) noexcept {
    AMPHI_ASSERT(parent_ == nullptr);
    if (parent == nullptr) return;
    parent_ = parent;
    stop_reason reason{};
    {
        const lock_guard guard(parent->lock_);
        parent->link(*this);
        reason = parent->requested();
    }
    // A request that comes between the two lines reaches us through the list; the second is
    // ignored.
    if (reason != stop_reason::none) request(reason, parent->timeout());
}

void stop_state::detach() noexcept {
    if (parent_ == nullptr) return;
    const lock_guard guard(parent_->lock_);
    parent_->unlink(*this);
    parent_ = nullptr;
}

bool stop_state::request(stop_reason reason, const void* timeout) noexcept {
    const lock_guard guard(lock_);
    if (requested_.load(std::memory_order_relaxed) != stop_reason::none) return false;
    waiter* const parked = parked_;
    timeout_ = timeout;
    requested_.store(reason, std::memory_order_release);  // sync: task.stop
    // Under the lock, so that neither the waiter nor a child can go away meanwhile: both leave
    // through `unpark` and `detach`, which need it. Nothing here runs user code.
    if (parked != nullptr && parked->claim(waiter::stop_source) == claim_result::must_wake)
        parked->wake();
    for (stop_state* child = first_child_; child != nullptr; child = child->next_)
        child->request(reason, timeout);
    return true;
}

bool stop_state::park(waiter& w) noexcept {
    const lock_guard guard(lock_);
    if (requested_.load(std::memory_order_relaxed) != stop_reason::none) return false;
    AMPHI_ASSERT(parked_ == nullptr);
    parked_ = &w;
    return true;
}

void stop_state::unpark() noexcept {
    const lock_guard guard(lock_);
    if (requested_.load(std::memory_order_relaxed) == stop_reason::none) parked_ = nullptr;
}

bool stop_requested(const context& where) noexcept {
    if (where.stop != nullptr && where.stop->requested() != stop_reason::none) return true;
    return where.deadline != never && clock::now() >= where.deadline;
}

void throw_stopped(const context& where) {
    const stop_state* stop = where.stop;
    if (stop == nullptr || stop->requested() == stop_reason::none) throw timed_out(where.timeout);
    if (stop->requested() == stop_reason::deadline) throw timed_out(stop->timeout());
    throw operation_cancelled();
}

bool is_cancellation(const std::exception_ptr& error, const context& where) noexcept {
    const stop_reason reason = where.stop != nullptr ? where.stop->requested() : stop_reason::none;
    try {
        std::rethrow_exception(error);
    } catch (const operation_cancelled&) {
        return reason != stop_reason::none;
    } catch (const timed_out& e) {
        return (reason == stop_reason::deadline && e.owner() == where.stop->timeout()) ||
               (where.timeout != nullptr && e.owner() == where.timeout);
    } catch (...) {
        return false;
    }
}

}  // namespace amphi::detail
