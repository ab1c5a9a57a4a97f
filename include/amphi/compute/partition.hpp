// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>

namespace amphi::detail {

/// By swaps alone: all elements are there whatever f throws.
template <class I, class F>
I partition_here(I first, I last, F& f) {
    using value = std::iter_value_t<I>;
    if constexpr (std::is_trivially_copyable_v<value> && sizeof(value) <= 2 * sizeof(void*)) {
        // Each changes places, without a branch, which would be guessed wrong every other time.
        I border = first;
        for (; first != last; ++first) {
            const bool before = f(*first) ? true : false;
            value each = std::ranges::iter_move(first);
            *first = std::ranges::iter_move(border);
            *border = std::move(each);
            border += before ? 1 : 0;
        }
        return border;
    }
    // Others from both ends: as few swaps as there can be.
    for (;; ++first) {
        while (first != last && f(*first))
            ++first;
        if (first == last) return first;
        do {
            if (--last == first) return first;
        } while (!f(*last));
        std::ranges::iter_swap(first, last);
    }
}

/// On a worker. Parts are partitioned where they are; of two neighbours the false ones of the left
/// change places with the true ones of the right, by halves in turn: with a constant number of
/// parts a thread that is some moves an element.
template <class I, class F>
I partition_by_parts(I first, I last, F& f, std::size_t threads, parallel::grain least) {
    struct part {
        std::size_t begin, border, end;  // true in [begin, border), false in [border, end)
    };
    const part whole = split_and_combine(
        0,
        distance_between(first, last),
        splitter(threads, least),
        false,
        [&](std::size_t begin, std::size_t end) {
            const I border = partition_here(nth(first, begin), nth(first, end), f);
            return part{begin, distance_between(first, border), end};
        },
        [&](const part& left, const part& right) {
            const std::size_t wrong_left = left.end - left.border;
            const std::size_t wrong_right = right.border - right.begin;
            const std::size_t swaps = wrong_left < wrong_right ? wrong_left : wrong_right;
            const std::size_t from = right.border - swaps;
            constexpr parallel::grain worth_it(4096);
            const auto exchange = [&](std::size_t begin, std::size_t end) {
                for (std::size_t i = begin; i < end; ++i)
                    std::ranges::iter_swap(nth(first, left.border + i), nth(first, from + i));
            };
            split_range(0, swaps, splitter(threads, worth_it), false, exchange);
            return part{left.begin, left.border + wrong_right, right.end};
        }
    );
    return nth(first, whole.border);
}

}  // namespace amphi::detail

namespace amphi::parallel {

/// Puts the elements for which f is true before the others, in no order, and gives the first of the
/// others. In place; calls f once for each. Elements change places by swaps alone, so that all are
/// there whatever f throws. Otherwise as `for_each`.
template <writable_apart I, class F>
I partition(I first, I last, F&& f, grain least = grain()) {
    return detail::on_threads([&](std::size_t threads) {
        return detail::partition_by_parts(first, last, f, threads, least);
    });
}

template <lasting_range R, class F>
    requires writable_apart<iterator_of<R>>
auto partition(R&& range, F&& f, grain least = grain()) {
    const auto first = std::begin(range);
    return parallel::partition(first, detail::nth(first, detail::size_of(range)), f, least);
}

}  // namespace amphi::parallel
