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
    explicit outside_deadline(task_block& child) noexcept
        : child_(child)
        , also_told_(*child.listener) {}

    void code_ended() noexcept override {
        disarm();
        also_told_.code_ended();
    }
    void failed(const task_block& task) noexcept override { also_told_.failed(task); }
    void completed() noexcept override {
        end_listener& next = also_told_;
        delete this;
        next.completed();
    }

private:
    void expire() noexcept override { child_.pass_on_deadline(); }

    task_block& child_;
    end_listener& also_told_;  // the scope, in the end
};

}  // namespace amphi::detail
