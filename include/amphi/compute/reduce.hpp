// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/operators.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <utility>

namespace amphi::parallel {

/// op of `init` and map(element) of all elements, in their order: op must be associative, but need
/// not be commutative. How they are grouped differs from call to call: so do the last digits of a
/// sum of floating-point numbers. Otherwise as `for_each`.
template <random_access I, class T, class Op, class Map>
T transform_reduce(I first, I last, T init, Op&& op, Map&& map, grain least = grain()) {
    const std::size_t count = detail::distance_between(first, last);
    if (count == 0) return init;
    T all = detail::combine_parts(
        count,
        least,
        [&](std::size_t begin, std::size_t end) {
            const I stop = detail::nth(first, end);
            I at = detail::nth(first, begin);
            T sum = static_cast<T>(map(*at));
            while (++at != stop)
                sum = op(std::move(sum), map(*at));
            return sum;
        },
        [&](T&& left, T&& right) { return static_cast<T>(op(std::move(left), std::move(right))); }
    );
    return op(std::move(init), std::move(all));
}

template <random_access_range R, class T, class Op, class Map>
T transform_reduce(R&& range, T init, Op&& op, Map&& map, grain least = grain()) {
    const auto first = std::begin(range);
    const auto last = detail::nth(first, detail::size_of(range));
    return parallel::transform_reduce(first, last, std::move(init), op, map, least);
}

/// The same of the elements themselves; by default their sum.
template <random_access I, class T, class Op = detail::plus>
T reduce(I first, I last, T init, Op&& op = {}, grain least = grain()) {
    const auto itself = [](auto&& element) -> decltype(auto) {
        return std::forward<decltype(element)>(element);
    };
    return parallel::transform_reduce(first, last, std::move(init), op, itself, least);
}

template <random_access_range R, class T, class Op = detail::plus>
    requires std::constructible_from<T, std::iter_reference_t<iterator_of<R>>>
T reduce(R&& range, T init, Op&& op = {}, grain least = grain()) {
    const auto first = std::begin(range);
    const auto last = detail::nth(first, detail::size_of(range));
    return parallel::reduce(first, last, std::move(init), op, least);
}

}  // namespace amphi::parallel
