// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/timer.hpp>
#include <amphi/exec/block.hpp>

namespace amphi::detail {

/// The deadline of a plain thread, for a task on async that a scope there has spawned: the thread
/// keeps no timer, it looks at its deadline where it waits, and may wait in something else. Owned
/// by the task, which it stops, from its start to its end.
class outside_deadline final : public timer, public end_listener {
public:
    explicit outside_deadline(task_block& child) noexcept : child_(child) {}

    void code_ended() noexcept override { disarm(); }
    void completed() noexcept override { delete this; }

private:
    void expire() noexcept override { child_.pass_on_deadline(); }

    task_block& child_;
};

}  // namespace amphi::detail
