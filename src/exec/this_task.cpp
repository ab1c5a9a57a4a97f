// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/this_task.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/stop.hpp>

namespace amphi::this_task {

bool stop_requested() noexcept {
    return detail::stop_requested(detail::current_context());
}

time_point deadline() noexcept {
    return detail::current_context().deadline;
}

}  // namespace amphi::this_task
