// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/compute/forked.hpp>
#include <amphi/compute/grain.hpp>
#include <amphi/compute/join.hpp>
#include <amphi/compute/worker.hpp>
#include <amphi/task/thread_state.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace amphi::detail {

/// Whether a part of a range is split once more. It begins with as many splits as there are threads
/// and leaves half of them to each half: some parts a thread, whatever the size. A half that
/// another thread has taken shows that somebody had nothing to do, and may split as the whole
/// could.
///
/// A value: each half has its own.
class splitter {
public:
    splitter(std::size_t threads, parallel::grain grain) noexcept
        : renewed_(threads > 1 ? threads : 0)  // Who is alone has nobody to split for.
        , left_(renewed_)
        , grain_(grain.elements()) {}

    /// `taken`: by another thread than the one that made the part. Asked once for each part.
    [[nodiscard]] bool split(std::size_t count, bool taken) noexcept {
        if (count / 2 < grain_) return false;
        if (!taken && left_ == 0) return false;
        left_ /= 2;
        if (taken && left_ < renewed_) left_ = renewed_;
        return true;
    }

private:
    std::size_t renewed_;
    std::size_t left_;
    std::size_t grain_;
};

/// How many threads the worker's pool has.
[[nodiscard]] AMPHI_EXPORT std::size_t threads_beside(const compute_worker& here) noexcept;

/// Calls f with the number of threads, on one of them: here, or from outside of a pool on
/// `compute`.
template <class F>
std::invoke_result_t<F&, std::size_t> on_threads(F&& f) {
    if (const compute_worker* const here = compute_worker_of(this_thread()))
        return f(threads_beside(*here));
    return run_in_pool(pool_of_this_thread(), [&f] {
        return f(threads_beside(*compute_worker_of(this_thread())));
    });
}

/// `join` on a worker, of closures that are told whether another thread has taken them.
template <class F, class G>
[[gnu::always_inline]] inline auto fork_here(F& f, G& g) {
    const thread_state& self = this_thread();
    return join_on(*compute_worker_of(self), self.current, f, g);
}

/// Calls leaf(begin, end) for parts of [first, last) that together are all of it. On a worker.
template <class Leaf>
void split_range(
    std::size_t first, std::size_t last, splitter splits, bool taken, const Leaf& leaf
) {
    if (!splits.split(last - first, taken)) return leaf(first, last);
    const std::size_t middle = first + (last - first) / 2;
    const auto left = [&](bool) { split_range(first, middle, splits, false, leaf); };
    const auto right = [&](bool moved) { split_range(middle, last, splits, moved, leaf); };
    fork_here(left, right);
}

/// The same, with combine(left, right) of what the parts gave, in their order.
template <class Leaf, class Combine>
std::invoke_result_t<const Leaf&, std::size_t, std::size_t> split_and_combine(
    std::size_t first,
    std::size_t last,
    splitter splits,
    bool taken,
    const Leaf& leaf,
    const Combine& combine
) {
    if (!splits.split(last - first, taken)) return leaf(first, last);
    const std::size_t middle = first + (last - first) / 2;
    const auto left = [&](bool) {
        return split_and_combine(first, middle, splits, false, leaf, combine);
    };
    const auto right = [&](bool moved) {
        return split_and_combine(middle, last, splits, moved, leaf, combine);
    };
    auto both = fork_here(left, right);
    return combine(std::move(both.first), std::move(both.second));
}

/// From wherever the caller is: `leaf` for the parts of [0, count).
template <class Leaf>
void for_parts(std::size_t count, parallel::grain grain, const Leaf& leaf) {
    on_threads([&](std::size_t threads) {
        split_range(0, count, splitter(threads, grain), false, leaf);
    });
}

/// The same with a result. `leaf` is called with an empty part when count is zero.
template <class Leaf, class Combine>
auto combine_parts(
    std::size_t count, parallel::grain grain, const Leaf& leaf, const Combine& combine
) {
    return on_threads([&](std::size_t threads) {
        return split_and_combine(0, count, splitter(threads, grain), false, leaf, combine);
    });
}

}  // namespace amphi::detail
