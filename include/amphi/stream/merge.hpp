// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/scope.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/stream/stream_task.hpp>
#include <amphi/sync/channel.hpp>
#include <amphi/task/result.hpp>
#include <amphi/task/task.hpp>

#include <concepts>
#include <optional>
#include <utility>
#include <vector>

namespace amphi {

namespace detail {

template <class T>
task<> send_each(task_scope& jobs, std::vector<stream<T>>& sources, sender<delivery<T>>& to) {
    handed_over<stream<T>> own(std::move(sources.back()));  // For this task itself.
    sources.pop_back();
    for (stream<T>& source : sources)
        co_await jobs.spawn(send_all<T>, handed_over<stream<T>>(std::move(source)), to);
    co_await send_all<T>(std::move(own), to);
}

/// A scope of its own: a limit on the user's scope is not for these.
template <class T>
task<> send_merged(handed_over<std::vector<stream<T>>> sources, sender<delivery<T>> to) {
    result<> ended = co_await as_result(scope(send_each<T>, *sources, to));
    if (!ended) (void)co_await to.send(delivery<T>(ended.error()));
}

template <class T>
stream<T> merged(task_scope& jobs, std::vector<stream<T>> sources) {
    if (sources.empty()) co_return;
    auto [to, from] = channel<delivery<T>>(sources.size());
    handed_over<std::vector<stream<T>>> all(std::move(sources));
    stream_task sending(co_await jobs.spawn(send_merged<T>, std::move(all), std::move(to)));
    while (std::optional<delivery<T>> next = co_await from.receive()) {
        T item = std::move(*next).take();
        co_yield std::move(item);
    }
    co_await sending.join();
}

}  // namespace detail

/// The items of several streams, each as soon as it has come, as one stream. It ends when all have
/// ended; the first failure of one is its own, and stops the others.
///
///     co_await scope([](task_scope& jobs) -> task<> {
///         auto both = merge(jobs, ticks(), lines_of(connection));
///         while (auto event = co_await both.next())
///             handle(*event);
///     });
///
/// Each source is asked by a task of its own, a child of the scope `jobs`, from the first `next`
/// on, and may be an item ahead of what was taken, and one more for the channel between.
/// Threads: the sources' bodies run as tasks of that scope, on plain threads beside each other and
/// beside you; what they refer to is theirs alone. T is sendable.
/// Lifetime: inside the scope. When it is destroyed before its end, its tasks are asked to stop;
/// the scope joins them. Kept longer, and not asked on, it lets the scope wait for ever.
/// Cancellation: as for any stream; one `next` that was cancelled has ended it.
template <class T, std::same_as<stream<T>>... More>
[[nodiscard]] stream<T> merge(task_scope& jobs, stream<T> first, More... more) {
    std::vector<stream<T>> sources;
    sources.reserve(1 + sizeof...(More));
    sources.push_back(std::move(first));
    (sources.push_back(std::move(more)), ...);
    return detail::merged(jobs, std::move(sources));
}

/// The same of any number of streams; of none it ends at once.
template <class T>
[[nodiscard]] stream<T> merge(task_scope& jobs, std::vector<stream<T>> sources) {
    return detail::merged(jobs, std::move(sources));
}

}  // namespace amphi
