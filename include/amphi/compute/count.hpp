// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <cstddef>
#include <iterator>

namespace amphi::parallel {

/// For how many elements f is true. Otherwise as `for_each`.
template <random_access I, class F>
std::iter_difference_t<I> count_if(I first, I last, F&& f, grain least = grain()) {
    using number = std::iter_difference_t<I>;
    return detail::combine_parts(
        detail::distance_between(first, last),
        least,
        [&first, &f](std::size_t begin, std::size_t end) {
            const I stop = detail::nth(first, end);
            number sum = 0;
            for (I at = detail::nth(first, begin); at != stop; ++at)
                sum += f(*at) ? 1 : 0;
            return sum;
        },
        [](number left, number right) { return static_cast<number>(left + right); }
    );
}

template <random_access_range R, class F>
auto count_if(R&& range, F&& f, grain least = grain()) {
    const auto first = std::begin(range);
    return parallel::count_if(first, detail::nth(first, detail::size_of(range)), f, least);
}

/// How many elements equal the value.
template <random_access I, class T>
std::iter_difference_t<I> count(I first, I last, const T& value, grain least = grain()) {
    const auto is_it = [&value](const auto& element) -> bool { return element == value; };
    return parallel::count_if(first, last, is_it, least);
}

template <random_access_range R, class T>
auto count(R&& range, const T& value, grain least = grain()) {
    const auto first = std::begin(range);
    return parallel::count(first, detail::nth(first, detail::size_of(range)), value, least);
}

}  // namespace amphi::parallel
