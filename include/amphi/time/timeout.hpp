// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/timer.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/base/export.hpp>
#include <amphi/exec/callable.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/task.hpp>

#include <chrono>
#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

/// A context whose deadline is nearer than the one around it, or that masks what comes from there.
/// On async a timer makes the deadline a stop; on plain threads each wait has it as its own limit.
class AMPHI_EXPORT limited_context final : private timer {
public:
    enum class outer_stops : bool { pass, masked };

    limited_context(const context& outer, time_point deadline, outer_stops stops);
    ~limited_context();

    [[nodiscard]] const context& where() const noexcept { return where_; }
    /// Whether this one's deadline ended the wait that threw `error`.
    [[nodiscard]] bool caused(const timed_out& error) const noexcept {
        return error.owner() == this;
    }

private:
    void expire() noexcept override;

    stop_state stop_;
    context where_;
};

template <class F, class... Args>
using limited_result = std::invoke_result_t<F&, Args&&...>;

template <class F, class... Args>
limited_result<F, Args...> run_limited(const limited_context& limited, F& f, Args&&... args) {
    using value = typename limited_result<F, Args...>::value_type;
    task_in<value> inside(
        task_access::release(call_forwarded(f, std::forward<Args>(args)...)), limited.where()
    );
    // A timeout translates only what it caused: seen from outside, its `timed_out` is an ordinary
    // failure, not the stop of somebody further out.
    try {
        co_return co_await std::move(inside);
    } catch (const timed_out& error) {
        if (!limited.caused(error)) throw;
    }
    throw timed_out();
}

}  // namespace detail

/// Awaits `f(args...)` in place, with its deadline at most `length` from now. When that passes
/// first, the operation that waits inside ends, f unwinds, and this throws `timed_out`. A body that
/// ends by its own value yields it, even if late. Cancellation: passed on. Cost: two frames; on
/// async one timer.
template <class Rep, class Period, class F, class... Args>
detail::limited_result<F, Args...>
timeout(std::chrono::duration<Rep, Period> length, F&& f, Args&&... args) {
    detail::check_awaited_in_place<F>();
    const detail::context& outer = co_await detail::current_where();
    const detail::limited_context limited(
        outer, saturating_add(clock::now(), length), detail::limited_context::outer_stops::pass
    );
    co_return co_await detail::run_limited(limited, f, std::forward<Args>(args)...);
}

/// Awaits `f(args...)` in place with stop and deadline from outside masked, for at most `length`:
/// for a clean-up that must finish. The mask ends with f; a stop that came meanwhile is seen at the
/// next await. Throws `timed_out` when `length` passes.
template <class Rep, class Period, class F, class... Args>
detail::limited_result<F, Args...>
shield(std::chrono::duration<Rep, Period> length, F&& f, Args&&... args) {
    detail::check_awaited_in_place<F>();
    const detail::context& outer = co_await detail::current_where();
    const detail::limited_context limited(
        outer, saturating_add(clock::now(), length), detail::limited_context::outer_stops::masked
    );
    co_return co_await detail::run_limited(limited, f, std::forward<Args>(args)...);
}

}  // namespace amphi
