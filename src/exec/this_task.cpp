// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/this_task.hpp>

#include <amphi/base/clock.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/exec/task_extras.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/stop.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace amphi::this_task {

bool stop_requested() noexcept {
    return detail::stop_requested(detail::current_context());
}

amphi::stop_token stop_token() noexcept {
    return amphi::stop_token(detail::current_context());
}

time_point deadline() noexcept {
    return detail::current_context().deadline;
}

std::uint64_t id() {
    const detail::task_extras* const extras = detail::task_extras::of_this_task(true);
    return extras != nullptr ? extras->id : 0;
}

std::string_view name() noexcept {
    const detail::task_extras* const extras = detail::task_extras::of_this_task(false);
    return extras != nullptr ? std::string_view(extras->name) : std::string_view();
}

void set_name(std::string name) {
    const detail::context& here = detail::current_context();
    if (here.block == nullptr)
        throw std::logic_error("this_task::set_name is called outside of a task");
    here.block->set_name(std::move(name));
    if (!here.suspends()) here.block->extras()->name_this_thread();
}

}  // namespace amphi::this_task
