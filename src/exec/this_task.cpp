// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/this_task.hpp>

#include <amphi/base/clock.hpp>
#include <amphi/exec/task_extras.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/stop.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <pthread.h>

namespace amphi::this_task {

namespace {

constexpr std::size_t thread_name_max = 15;

}  // namespace

bool stop_requested() noexcept {
    return detail::stop_requested(detail::current_context());
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
    detail::task_extras* const extras = detail::task_extras::of_this_task(true);
    if (extras == nullptr)
        throw std::logic_error("this_task::set_name is called outside of a task");
    if (!detail::current_context().suspends()) {
        char before[thread_name_max + 1] = {};
        if (extras->name_of_thread.empty() &&
            ::pthread_getname_np(::pthread_self(), before, sizeof before) == 0)
            extras->name_of_thread = before;
        ::pthread_setname_np(::pthread_self(), name.substr(0, thread_name_max).c_str());
    }
    extras->name = std::move(name);
}

}  // namespace amphi::this_task
