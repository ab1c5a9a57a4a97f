// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/task/waiter.hpp>

#include <memory>
#include <utility>

namespace amphi::detail {

class join_line;

/// A task of a `join_set`, which stands in the line once it is complete. From the start on the
/// handle's reference to the block is the line's.
class AMPHI_EXPORT set_member final : public end_listener, public list_node<set_member> {
public:
    set_member(task_block& block, end_listener& scope, std::shared_ptr<join_line> line) noexcept
        : block_(block)
        , scope_(scope)
        , line_(std::move(line)) {}

    [[nodiscard]] task_block& block() const noexcept { return block_; }

    void failed(const task_block& task) noexcept override { scope_.failed(task); }
    void completed() noexcept override;

private:
    task_block& block_;
    end_listener& scope_;
    std::shared_ptr<join_line> line_;  // until the end: then the line owns its members
};

/// The part of a `join_set` that does not depend on types: the members that have ended, in that
/// order, and who waits for the next one. Members refer to it, so it may outlive the set.
///
/// Threads: `add` by any, the rest by the set's owner.
class AMPHI_EXPORT join_line {
public:
    join_line() noexcept = default;
    join_line(const join_line&) = delete;
    join_line& operator=(const join_line&) = delete;
    ~join_line();

    void add(set_member& ended) noexcept;

    [[nodiscard]] bool empty() const noexcept;
    /// Of the first of them; null when no member has ended that was not taken.
    [[nodiscard]] block_reference<task_block> take() noexcept;

    /// Claims the ticket when there is a member to take, else keeps it.
    void publish(ticket t) noexcept;
    void withdraw() noexcept;

private:
    mutable lock lock_;
    intrusive_list<set_member> ended_ AMPHI_GUARDED_BY(lock_);
    ticket waiting_ AMPHI_GUARDED_BY(lock_);
};

}  // namespace amphi::detail
