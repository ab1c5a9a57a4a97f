// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/block.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/trace.hpp>
#include <amphi/task/waiter.hpp>

#include <cstddef>
#include <exception>
#include <vector>

namespace amphi::detail {

/// A place in the line of those who wait for a permit of a scope.
class permit_waiter : public list_node<permit_waiter> {
public:
    ticket parked;
};

/// The part of a scope that does not depend on types: counts its children, joins them, keeps what
/// went wrong. `task_scope` is its public face.
///
/// Invariant: `running_` is the number of children that were admitted and have not left. A child
/// leaves as its last act; whoever finds zero and a joiner claims the joiner under the lock, and
/// the joiner takes the lock once more before it goes on, so the scope may be destroyed then.
class AMPHI_EXPORT scope_core final : public end_listener {
public:
    explicit scope_core(const context& outer) noexcept;
    scope_core(const scope_core&) = delete;
    scope_core& operator=(const scope_core&) = delete;
    ~scope_core();

    /// The context of the body and, below their own, of the children.
    [[nodiscard]] const context& where() const noexcept { return where_; }

    void limit(std::size_t running_max) noexcept;
    bool request_stop() noexcept { return stop_.request(stop_reason::cancel); }
    void pass_on_deadline() noexcept { stop_.request(stop_reason::deadline, where_.timeout); }
    [[nodiscard]] std::size_t running() const noexcept;

    /// Admission of a child: at once, or in turn.
    [[nodiscard]] bool try_enter() noexcept;
    void enter_or_wait(permit_waiter& node, ticket t) noexcept;
    void withdraw(permit_waiter& node) noexcept;

    /// Starts an admitted child on the executor of `home` (null: a plain thread). Gives the place
    /// back and throws when it cannot be started; then its run's reference is released too.
    void start(task_block& child, scheduler* home);

    /// A child's last act.
    void leave() noexcept;

    void body_ended_by(std::exception_ptr left) noexcept;

    void publish_joiner(ticket joiner) noexcept;
    void withdraw_joiner() noexcept;

    /// After the join: throws the first failure. Without one, when the work is `incomplete` and a
    /// cancel has ended the body or a child, throws that; or, when it came from `outer`, what that
    /// says: a child may have been asked to stop alone before.
    void throw_failure(bool incomplete, const context& outer);
    /// Failures after the first, in order of arrival.
    [[nodiscard]] std::vector<std::exception_ptr> further_failures() const;

private:
    void failed(const task_block& child) noexcept override;
    void completed() noexcept override { leave(); }
    void ended_by(std::exception_ptr left, const trace& frames, const context& where) noexcept;
    [[nodiscard]] bool has_room() const noexcept AMPHI_REQUIRES(lock_);

    stop_state stop_;
    context where_;

    mutable lock lock_;
    std::size_t running_ AMPHI_GUARDED_BY(lock_) = 0;
    std::size_t running_max_ AMPHI_GUARDED_BY(lock_) = static_cast<std::size_t>(-1);
    intrusive_list<permit_waiter> waiting_ AMPHI_GUARDED_BY(lock_);
    ticket joiner_ AMPHI_GUARDED_BY(lock_);
    std::exception_ptr failure_ AMPHI_GUARDED_BY(lock_);
    trace failure_trace_ AMPHI_GUARDED_BY(lock_);
    std::exception_ptr cancelled_ AMPHI_GUARDED_BY(lock_);
    std::vector<std::exception_ptr> further_ AMPHI_GUARDED_BY(lock_);
};

/// Waits until no child of a scope is running. Nothing cancels it: the children were asked already,
/// or are when the deadline passes.
class scope_join : public operation<scope_join> {
public:
    static constexpr bool cancellable = false;

    explicit scope_join(scope_core& scope) noexcept : scope_(scope) {}

    [[nodiscard]] bool poll() const noexcept { return scope_.running() == 0; }
    void publish(ticket t) noexcept { scope_.publish_joiner(t); }
    void withdraw() noexcept { scope_.withdraw_joiner(); }
    void pass_on_deadline() noexcept { scope_.pass_on_deadline(); }
    void result() const noexcept {}

private:
    scope_core& scope_;
};

/// The same wait for the scope's body: it can be given up.
class scope_idle : public operation<scope_idle> {
public:
    explicit scope_idle(scope_core& scope) noexcept : scope_(scope) {}

    [[nodiscard]] bool poll() const noexcept { return scope_.running() == 0; }
    void publish(ticket t) noexcept { scope_.publish_joiner(t); }
    void withdraw() noexcept { scope_.withdraw_joiner(); }
    void result() const noexcept {}

private:
    scope_core& scope_;
};

}  // namespace amphi::detail
