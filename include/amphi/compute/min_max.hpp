// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/operators.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <cstddef>
#include <iterator>
#include <utility>

namespace amphi::detail {

/// The element that replaces(later, earlier) lets stand against all others.
template <class I, class Replaces>
I standing_element(I first, I last, const Replaces& replaces, parallel::grain least) {
    const std::size_t count = distance_between(first, last);
    if (count == 0) return last;
    const auto better = [&](const I& left, const I& right) {
        return replaces(*right, *left) ? right : left;
    };
    return combine_parts(
        count,
        least,
        [&](std::size_t begin, std::size_t end) {
            const I stop = nth(first, end);
            I best = nth(first, begin);
            for (I at = best; ++at != stop;)
                if (replaces(*at, *best)) best = at;
            return best;
        },
        better
    );
}

}  // namespace amphi::detail

namespace amphi::parallel {

/// The smallest element, the first of equals; last when there is none. Otherwise as `for_each`.
template <random_access I, class Less = detail::less>
I min_element(I first, I last, Less&& less = {}, grain least = grain()) {
    const auto replaces = [&](const auto& later, const auto& earlier) -> bool {
        return less(later, earlier);
    };
    return detail::standing_element(first, last, replaces, least);
}

template <lasting_range R, class Less = detail::less>
auto min_element(R&& range, Less&& less = {}, grain least = grain()) {
    const auto first = std::begin(range);
    return parallel::min_element(first, detail::nth(first, detail::size_of(range)), less, least);
}

/// The largest element, the first of equals; last when there is none.
template <random_access I, class Less = detail::less>
I max_element(I first, I last, Less&& less = {}, grain least = grain()) {
    const auto replaces = [&](const auto& later, const auto& earlier) -> bool {
        return less(earlier, later);
    };
    return detail::standing_element(first, last, replaces, least);
}

template <lasting_range R, class Less = detail::less>
auto max_element(R&& range, Less&& less = {}, grain least = grain()) {
    const auto first = std::begin(range);
    return parallel::max_element(first, detail::nth(first, detail::size_of(range)), less, least);
}

/// Both: of equals the first as the smallest and the last as the largest, as the standard has it.
template <random_access I, class Less = detail::less>
std::pair<I, I> minmax_element(I first, I last, Less&& less = {}, grain least = grain()) {
    const std::size_t count = detail::distance_between(first, last);
    if (count == 0) return {last, last};
    using two = std::pair<I, I>;
    return detail::combine_parts(
        count,
        least,
        [&](std::size_t begin, std::size_t end) {
            const I stop = detail::nth(first, end);
            I at = detail::nth(first, begin);
            two best(at, at);
            while (++at != stop) {
                if (less(*at, *best.first)) best.first = at;
                if (!less(*at, *best.second)) best.second = at;
            }
            return best;
        },
        [&](const two& left, const two& right) {
            return two(
                less(*right.first, *left.first) ? right.first : left.first,
                less(*right.second, *left.second) ? left.second : right.second
            );
        }
    );
}

template <lasting_range R, class Less = detail::less>
auto minmax_element(R&& range, Less&& less = {}, grain least = grain()) {
    const auto first = std::begin(range);
    return parallel::minmax_element(first, detail::nth(first, detail::size_of(range)), less, least);
}

}  // namespace amphi::parallel
