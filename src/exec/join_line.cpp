// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/join_line.hpp>

#include <amphi/base/lock.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/task/waiter.hpp>

#include <memory>
#include <utility>

namespace amphi::detail {

void set_member::completed() noexcept {
    // Once in the line, the member may be taken and gone at any time; and with the last reference
    // to the line it goes too.
    end_listener& scope = scope_;
    {
        const std::shared_ptr<join_line> line = std::move(line_);
        line->add(*this);
    }
    scope.completed();  // Last: nothing of a child may outlive its scope.
}

join_line::~join_line() {
    while (take().get() != nullptr) {
    }
}

void join_line::add(set_member& ended) noexcept {
    ticket to_wake;
    {
        const lock_guard guard(lock_);
        ended_.push_back(ended);
        if (waiting_ && waiting_.claim() == claim_result::must_wake) to_wake = waiting_;
        waiting_ = {};
    }
    if (to_wake) to_wake.wake();
}

bool join_line::empty() const noexcept {
    const lock_guard guard(lock_);
    return ended_.empty();
}

block_reference<task_block> join_line::take() noexcept {
    std::unique_ptr<set_member> first;
    {
        const lock_guard guard(lock_);
        first.reset(ended_.pop_front());
    }
    return block_reference<task_block>(first ? &first->block() : nullptr);
}

void join_line::publish(ticket t) noexcept {
    const lock_guard guard(lock_);
    if (ended_.empty())
        waiting_ = t;
    else
        (void)t.claim();
}

void join_line::withdraw() noexcept {
    const lock_guard guard(lock_);
    waiting_ = {};
}

}  // namespace amphi::detail
