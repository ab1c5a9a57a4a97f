// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/block.hpp>
#include <amphi/exec/callable.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/join_line.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/scope_core.hpp>
#include <amphi/exec/spawned.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/waiter.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

/// Waits for room in the scope, then starts a child as a member of a set.
template <class T>
class spawn_member_operation : public operation<spawn_member_operation<T>> {
public:
    spawn_member_operation(
        scope_core& scope,
        scheduler* home,
        result_block<T>* child,
        std::shared_ptr<join_line> line,
        std::size_t& untaken
    )
        : scope_(scope)
        , home_(home)
        , child_(child)
        , member_(std::make_unique<set_member>(*child, scope, std::move(line)))
        , untaken_(untaken) {
        child->listener = member_.get();
    }

    [[nodiscard]] bool poll() noexcept { return scope_.try_enter(); }
    void publish(ticket t) noexcept { scope_.enter_or_wait(place_, t); }
    void withdraw() noexcept { scope_.withdraw(place_); }
    void result() {
        auto handle = child_.start_in(scope_, home_);
        // The task may have ended, and both be the line's already.
        handle.forget();
        (void)member_.release();
        ++untaken_;
    }

private:
    scope_core& scope_;
    scheduler* home_;
    unstarted<T> child_;
    std::unique_ptr<set_member> member_;
    std::size_t& untaken_;
    permit_waiter place_;
};

template <class T>
class join_next_operation : public operation<join_next_operation<T>> {
public:
    using result_type = std::conditional_t<std::is_void_v<T>, bool, std::optional<T>>;

    join_next_operation(join_line& line, std::size_t& untaken) noexcept
        : line_(line)
        , untaken_(untaken) {}

    [[nodiscard]] bool poll() const noexcept { return untaken_ == 0 || !line_.empty(); }
    void publish(ticket t) noexcept { line_.publish(t); }
    void withdraw() noexcept { line_.withdraw(); }
    [[nodiscard]] result_type result() {
        const block_reference<task_block> ended = line_.take();
        if (ended.get() == nullptr) return {};
        --untaken_;
        auto& block = static_cast<result_block<T>&>(*ended);
        if constexpr (std::is_void_v<T>) {
            block.take();
            return true;
        } else {
            return block.take();
        }
    }

private:
    join_line& line_;
    std::size_t& untaken_;
};

}  // namespace detail

/// Children of a scope whose results are taken in the order in which they end:
///
///     co_await scope([](task_scope& jobs, const auto& urls) -> task<> {
///         join_set<page> pages(jobs);
///         for (const auto& url : urls)
///             co_await pages.spawn(download, url);
///         while (auto next = co_await pages.join_next())
///             use(*next);
///     }, urls);
///
/// They are children of the scope as any others: a failure asks their siblings to stop, and the
/// scope joins them. Where each shall fail for itself, spawn what returns `as_result`'s value.
///
/// Threads: one owner, which may go before its tasks have ended.
/// Cost: what a spawn costs, and one small allocation.
template <class T = void>
class join_set {
public:
    explicit join_set(task_scope& jobs) : jobs_(jobs) {}
    join_set(const join_set&) = delete;
    join_set& operator=(const join_set&) = delete;

    /// As `task_scope::spawn`; f returns `task<T>`.
    template <class F, class... Args>
    [[nodiscard("co_await the spawn")]] auto spawn(F f, Args&&... args) {
        return spawn_in(jobs_.core().where().home, std::move(f), std::forward<Args>(args)...);
    }

    /// As `task_scope::spawn_on`.
    template <class F, class... Args>
    [[nodiscard("co_await the spawn")]] auto spawn_on(executor where, F f, Args&&... args) {
        return spawn_in(where.home(), std::move(f), std::forward<Args>(args)...);
    }

    /// Waits for the next task to end and yields its result, or throws what left it. Empty (for
    /// `void`: false) when the result of every task was taken.
    /// Cancellation: no result was taken.
    [[nodiscard("co_await the join: it says whether there was one")]] auto join_next() noexcept {
        return detail::join_next_operation<T>(*line_, untaken_);
    }

    /// How many results were not taken.
    [[nodiscard]] std::size_t size() const noexcept { return untaken_; }
    [[nodiscard]] bool empty() const noexcept { return untaken_ == 0; }

private:
    template <class F, class... Args>
    [[nodiscard]] auto spawn_in(detail::scheduler* home, F f, Args&&... args) {
        detail::check_coroutine_function<F, Args...>();
        static_assert(
            std::is_same_v<detail::spawned_value<F, Args...>, T>,
            "a join_set<T> takes coroutine functions that return task<T>"
        );
        return detail::spawn_member_operation<T>(
            jobs_.core(),
            home,
            detail::make_spawned(std::move(f), std::forward<Args>(args)...),
            line_,
            untaken_
        );
    }

    task_scope& jobs_;
    std::shared_ptr<detail::join_line> line_ = std::make_shared<detail::join_line>();
    std::size_t untaken_ = 0;
};

}  // namespace amphi
