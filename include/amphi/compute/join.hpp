// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/forked.hpp>
#include <amphi/compute/worker.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/thread_state.hpp>

#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

/// The second half of a join whose first has thrown: ends too, since it refers to what lives in the
/// caller. Its own failure is the later one, which nobody hears of.
template <class G>
void end_second(compute_worker& here, bool offered, forked<G>& second, G& g) noexcept {
    if (offered && !here.take_back(second)) {
        here.wait(second.done());
        return second.drop();
    }
    try {
        g(false);
    } catch (...) {
        return;
    }
}

/// `join` of closures that are told whether they run on another thread than the forker's.
template <class F, class G>
[[gnu::always_inline]] inline auto join_on(compute_worker& here, const context* where, F& f, G& g) {
    forked<G> second(g, where, &here);
    const bool offered = here.offer(second);
    auto first = [&] {
        try {
            return call_for_value(f, false);
        } catch (...) {
            end_second(here, offered, second, g);
            throw;
        }
    }();
    if (!offered || here.take_back(second)) [[likely]]
        return std::pair(std::move(first), call_for_value(g, false));
    here.wait(second.done());
    return std::pair(std::move(first), second.take());
}

/// From outside of a pool.
template <class F, class G>
[[gnu::noinline]] auto join_in_pool(F& f, G& g) {
    return run_in_pool(pool_of_this_thread(), [&f, &g] {
        const thread_state& inside = this_thread();
        return join_on(*compute_worker_of(inside), inside.current, f, g);
    });
}

template <class F, class G>
[[gnu::always_inline]] inline auto join_anywhere(F& f, G& g) {
    const thread_state& self = this_thread();
    if (compute_worker* const here = compute_worker_of(self)) [[likely]]
        return join_on(*here, self.current, f, g);
    return join_in_pool(f, g);
}

template <class First, class Second>
using join_result = std::conditional_t<
    std::is_void_v<First> && std::is_void_v<Second>,
    void,
    std::pair<void_as_monostate<First>, void_as_monostate<Second>>>;

}  // namespace detail

/// Calls f and g, perhaps at once: g is offered to the other threads of the pool while this one
/// calls f, and if nobody has taken it by then this one calls it too. Gives a `std::pair` of what
/// they gave, with a `std::monostate` for void; nothing when both are void.
///
/// They may capture by reference: both have ended when it returns or throws. When both throw, f's
/// exception is thrown and g's is lost. Called outside of a pool it moves to `compute` and blocks
/// this thread. While it waits for g it runs other jobs of the pool, which may take locks: hold
/// none across a join. Costs some nanoseconds and no allocation. Cancellation: none of its own; f
/// and g see it by `this_task::stop_requested()`. Throws `would_block_worker` on an async worker.
template <class F, class G>
[[gnu::always_inline]] inline detail::
    join_result<std::invoke_result_t<F&>, std::invoke_result_t<G&>>
    join(F&& f, G&& g) {
    using given = detail::join_result<std::invoke_result_t<F&>, std::invoke_result_t<G&>>;
    auto first = [&f](bool) -> std::invoke_result_t<F&> { return f(); };
    auto second = [&g](bool) -> std::invoke_result_t<G&> { return g(); };
    return static_cast<given>(detail::join_anywhere(first, second));
}

}  // namespace amphi
