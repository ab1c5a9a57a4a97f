// SPDX-License-Identifier: BSL-1.0
#include <amphi/time/drain.hpp>

#include <amphi/base/clock.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>

namespace amphi {

task<bool> drain(task_scope& jobs, duration patience) {
    const auto first = co_await select(jobs.idle(), sleep_for(patience));
    if (first.index() == 0) co_return true;
    jobs.request_stop();
    co_return false;
}

}  // namespace amphi
