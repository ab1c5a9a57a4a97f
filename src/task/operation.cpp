// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/operation.hpp>

#include <amphi/base/error.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/thread_state.hpp>

namespace amphi::detail {

const context& outside_of_tasks() noexcept {
    static constinit const context outside;
    return outside;
}

const context& current_context() noexcept {
    const context* current = this_thread().current;
    return current != nullptr ? *current : outside_of_tasks();
}

bool operation_base::begin(const context& where, bool cancellable) noexcept {
    where_ = &where;
    cancellable_ = cancellable;
    outcome_ = cancellable && stop_requested(where) ? outcome::stopped : outcome::pending;
    return outcome_ == outcome::pending;
}

bool operation_base::spend_budget() const noexcept {
    if (!where_->suspends()) return true;
    thread_state& self = this_thread();
    if (self.budget == 0) return false;
    --self.budget;
    return true;
}

bool operation_base::park() noexcept {
    return !cancellable_ || where_->stop == nullptr || where_->stop->park(waiter_);
}

void operation_base::unpark() noexcept {
    if (cancellable_ && where_->stop != nullptr) where_->stop->unpark();
}

void operation_base::throw_stopped() const {
    detail::throw_stopped(*where_);
}

}  // namespace amphi::detail
