// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>
#include <amphi/exec/callable.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/result.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/backoff.hpp>
#include <amphi/time/sleep.hpp>

#include <chrono>
#include <exception>
#include <type_traits>
#include <utility>

namespace amphi {

/// When a supervised task that has failed is run again.
class restart_policy {
public:
    /// Is told of each failure that a restart follows, and of the pause before it. Must not throw.
    using listener = void (*)(const std::exception_ptr& error, duration pause);

    /// Restarts without limit, pauses as `backoff` makes them; each failure is a line on standard
    /// error.
    restart_policy() noexcept = default;

    restart_policy& pauses(backoff between) noexcept {
        pauses_ = between;
        return *this;
    }
    /// Gives up at the failure after so many restarts in a row.
    restart_policy& restarts_max(unsigned count) noexcept {
        restarts_max_ = count;
        return *this;
    }
    /// A run of at least that length forgets the failures before it. (Without: a minute.)
    restart_policy& healthy_after(duration length) noexcept {
        healthy_after_ = length;
        return *this;
    }
    restart_policy& on_failure(listener told) noexcept {
        told_ = told;
        return *this;
    }

    [[nodiscard]] const backoff& pauses() const noexcept { return pauses_; }
    [[nodiscard]] unsigned restarts_max() const noexcept { return restarts_max_; }
    [[nodiscard]] duration healthy_after() const noexcept { return healthy_after_; }
    [[nodiscard]] listener on_failure() const noexcept { return told_; }

private:
    AMPHI_EXPORT static void report(const std::exception_ptr& error, duration pause);

    backoff pauses_;
    unsigned restarts_max_ = static_cast<unsigned>(-1);
    duration healthy_after_ = std::chrono::minutes(1);
    listener told_ = report;
};

namespace detail {

/// The count of failures of one supervised task.
class AMPHI_EXPORT supervision {
public:
    explicit supervision(const restart_policy& policy) noexcept : policy_(policy) {}

    void begins() noexcept { began_ = clock::now(); }
    /// The pause before the restart. Rethrows `error` when there shall be none: too many were
    /// before, or it is the answer to a stop of `where`.
    [[nodiscard]] duration failed(const std::exception_ptr& error, const context& where);

private:
    const restart_policy policy_;
    time_point began_{};
    unsigned restarts_ = 0;
};

}  // namespace detail

/// Awaits `f(args...)` in place, and again after a pause each time it fails, until it ends by a
/// value, which this yields, or has failed too often in a row: then the last failure is thrown.
///
///     co_await supervise(restart_policy().restarts_max(5), serve_orders, connection_pool);
///
/// The arguments are passed as lvalues, since f may be called again.
/// Cancellation: passed on to f and to the pauses; a cancelled f is not run again.
template <class F, class... Args>
std::invoke_result_t<F&, Args&...> supervise(restart_policy policy, F&& f, Args&&... args) {
    detail::check_awaited_in_place<F>();
    using value = detail::result_of_run<std::invoke_result_t<F&, Args&...>>;
    const detail::context& where = co_await detail::current_where();
    detail::supervision counted(policy);
    for (;;) {
        counted.begins();
        result<value> ended = co_await as_result(f(args...));
        if (ended.has_value()) co_return std::move(ended).value();
        const duration pause = counted.failed(ended.error(), where);
        co_await sleep_for(pause);
    }
}

}  // namespace amphi
