// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/scope.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace amphi {

namespace detail {

template <class Range, class F, class... Args>
task<> spawn_each(
    task_scope& jobs,
    std::remove_reference_t<Range>& range,
    std::size_t limit,
    const F& f,
    const Args&... args
) {
    jobs.limit(limit);
    for (auto&& element : range)
        co_await jobs.spawn(f, std::forward<decltype(element)>(element), args...);
}

}  // namespace detail

/// Runs `f(element, args...)` as a task of its own for each element of `range`, in their order, at
/// most `limit` of them at a time (zero: no limit), and ends when all have ended:
///
///     co_await for_each_concurrent(urls, 64, download, folder);
///
/// A range that makes its elements as it goes is at most one ahead of the tasks. Each task owns its
/// element and its copies of the arguments. The first failure asks the others to stop, takes no
/// further element, and is thrown when all have ended; so is what the range throws. Cancellation:
/// passed on to the tasks; no further element is taken.
template <class Range, class F, class... Args>
task<> for_each_concurrent(Range&& range, std::size_t limit, F f, const Args&... args) {
    co_await scope(detail::spawn_each<Range, F, Args...>, range, limit, f, args...);
}

}  // namespace amphi
