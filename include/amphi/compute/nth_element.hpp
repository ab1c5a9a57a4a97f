// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/operators.hpp>
#include <amphi/compute/quick_sort.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/small_sort.hpp>
#include <amphi/compute/splitter.hpp>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <utility>

namespace amphi::detail {

/// A comparison, and not an iterator, which might stand in its place.
template <class Less, class I>
concept orders = std::invocable<Less&, std::iter_reference_t<I>, std::iter_reference_t<I>>;

/// On a worker: the part that has the place is parted until it is small.
template <class I, class Less>
void quick_select(I first, I place, I last, const sort_limits& limits, Less& less) {
    int bad_left = bad_parts_max(distance_between(first, last));
    while (place != last) {
        const std::size_t count = distance_between(first, last);
        if (count <= 20) return insertion_sort(first, last, less);
        if (bad_left == 0) return heap_sort(first, last, less);
        const std::pair<I, I> middle = part_by_pivot(first, last, limits, less);
        if (place < middle.first)
            last = middle.first;
        else if (place < middle.second)
            return;
        else
            first = middle.second;
        if (is_bad_part(distance_between(first, last), count)) --bad_left;
    }
}

}  // namespace amphi::detail

namespace amphi::parallel {

/// Puts to `place` the element that a sort would put there, none before it being greater and none
/// behind it less. Nothing when place is last. About as many comparisons as elements, n log n at
/// worst. Otherwise as `sort`.
template <writable_apart I, class Less = detail::less>
void nth_element(I first, I place, I last, Less&& less = {}, grain least = grain()) {
    detail::on_threads([&](std::size_t threads) {
        detail::quick_select(first, place, last, detail::sort_limits(threads, least), less);
    });
}

template <random_access_range R, class Less = detail::less>
    requires writable_apart<iterator_of<R>> && detail::orders<Less, iterator_of<R>>
void nth_element(R&& range, iterator_of<R> place, Less&& less = {}, grain least = grain()) {
    const auto first = std::begin(range);
    const auto last = detail::nth(first, detail::size_of(range));
    parallel::nth_element(first, place, last, less, least);
}

/// Puts the smallest elements into [first, middle), sorted, and the others behind, in no order.
/// Otherwise as `sort`.
template <writable_apart I, class Less = detail::less>
void partial_sort(I first, I middle, I last, Less&& less = {}, grain least = grain()) {
    if (first == middle) return;
    detail::on_threads([&](std::size_t threads) {
        const detail::sort_limits limits(threads, least);
        detail::quick_select(first, middle, last, limits, less);
        const int bad_max = detail::bad_parts_max(detail::distance_between(first, middle));
        detail::quick_sort(first, middle, limits, bad_max, less);
    });
}

template <random_access_range R, class Less = detail::less>
    requires writable_apart<iterator_of<R>> && detail::orders<Less, iterator_of<R>>
void partial_sort(R&& range, iterator_of<R> middle, Less&& less = {}, grain least = grain()) {
    const auto first = std::begin(range);
    const auto last = detail::nth(first, detail::size_of(range));
    parallel::partial_sort(first, middle, last, less, least);
}

}  // namespace amphi::parallel
