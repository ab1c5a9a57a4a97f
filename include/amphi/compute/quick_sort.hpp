// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/partition.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/small_sort.hpp>
#include <amphi/compute/splitter.hpp>

#include <bit>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>

namespace amphi::detail {

/// From which size on a sort forks. Its parts are so uneven that counting splits would leave
/// threads without work, and a fork costs nothing against the sort of such a part.
class sort_limits {
public:
    sort_limits(std::size_t threads, parallel::grain least) noexcept
        : threads_(threads)
        , fork_(least.elements() > 1024 ? least.elements() : 1024) {}

    [[nodiscard]] std::size_t threads() const noexcept { return threads_; }
    [[nodiscard]] bool fork(std::size_t count) const noexcept {
        return threads_ > 1 && count / 2 >= fork_;
    }
    /// Whether even one pass over it is worth a fork.
    [[nodiscard]] bool fork_pass(std::size_t count) const noexcept {
        return threads_ > 1 && count / 32 >= fork_;
    }

private:
    std::size_t threads_;
    std::size_t fork_;
};

template <class I, class Less>
I median_of(I a, I b, I c, Less& less) {
    if (less(*b, *a)) std::swap(a, b);
    if (!less(*c, *b)) return b;
    return less(*c, *a) ? a : c;
}

/// Of at least 16.
template <class I, class Less>
I choose_pivot(I first, std::size_t count, Less& less) {
    const auto at = [&](std::size_t index) { return nth(first, index); };
    const std::size_t middle = count / 2;
    if (count < 64) return median_of(first, at(middle), at(count - 1), less);
    const std::size_t step = count / 8;
    return median_of(
        median_of(first, at(step), at(2 * step), less),
        median_of(at(middle - step), at(middle), at(middle + step), less),
        median_of(at(count - 1 - 2 * step), at(count - 1 - step), at(count - 1), less),
        less
    );
}

template <class I, class F>
I partition_somehow(I first, I last, const sort_limits& limits, F& f) {
    const std::size_t count = distance_between(first, last);
    if (!limits.fork_pass(count)) return partition_here(first, last, f);
    return partition_by_parts(first, last, f, limits.threads(), parallel::grain(4096));
}

/// Parts the elements by one of them: less than it are those before the first place that is given,
/// not less those from the second on, and between are its equals, one at least.
template <class I, class Less>
std::pair<I, I> part_by_pivot(I first, I last, const sort_limits& limits, Less& less) {
    const std::size_t count = distance_between(first, last);
    const I chosen = choose_pivot(first, count, less);
    if (chosen != first) std::ranges::iter_swap(first, chosen);
    const auto before_it = [&]() -> I {
        using value = std::iter_value_t<I>;
        if constexpr (std::is_trivially_copyable_v<value> && sizeof(value) <= 2 * sizeof(void*)) {
            // A copy can stay in a register: no swap changes it.
            const value pivot = *first;
            const auto is_less = [&](const auto& each) -> bool { return less(each, pivot); };
            return partition_somehow(first + 1, last, limits, is_less);
        } else {
            const auto is_less = [&](const auto& each) -> bool { return less(each, *first); };
            return partition_somehow(first + 1, last, limits, is_less);
        }
    };
    const I middle = before_it() - 1;
    if (middle != first) std::ranges::iter_swap(first, middle);
    // Where few are less there may be many equal ones, which need no more sorting.
    if (distance_between(first, middle) >= count / 8) return {middle, middle + 1};
    const auto is_equal = [&](const auto& each) -> bool { return !less(*middle, each); };
    return {middle, partition_somehow(middle + 1, last, limits, is_equal)};
}

/// Whether a partition has left nearly all on one side.
[[nodiscard]] constexpr bool is_bad_part(std::size_t part, std::size_t count) noexcept {
    return part > count - count / 8;
}

/// How many bad partitions of `count` elements are borne: together they cost no more than the sort.
[[nodiscard]] constexpr int bad_parts_max(std::size_t count) noexcept {
    return static_cast<int>(std::bit_width(count));
}

/// On a worker. Elements change places by swaps, or are put back when the comparison throws.
template <class I, class Less>
void quick_sort(I first, I last, const sort_limits& limits, int bad_left, Less& less) {
    for (;;) {
        const std::size_t count = distance_between(first, last);
        if (count <= 20) return insertion_sort(first, last, less);
        if (bad_left == 0) return heap_sort(first, last, less);
        const std::pair<I, I> middle = part_by_pivot(first, last, limits, less);
        const std::size_t before = distance_between(first, middle.first);
        const std::size_t behind = distance_between(middle.second, last);
        if (is_bad_part(before, count) || is_bad_part(behind, count)) --bad_left;
        const auto left = [&](bool) { quick_sort(first, middle.first, limits, bad_left, less); };
        const auto right = [&](bool) { quick_sort(middle.second, last, limits, bad_left, less); };
        if (limits.fork(count)) {
            fork_here(left, right);
            return;
        }
        // The smaller by recursion: it is never deep.
        if (before < behind) {
            left(false);
            first = middle.second;
        } else {
            right(false);
            last = middle.first;
        }
    }
}

}  // namespace amphi::detail
