// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <cstddef>
#include <iterator>

namespace amphi::parallel {

/// Assigns the value to each element. Otherwise as `for_each`.
template <writable_apart I, class T>
void fill(I first, I last, const T& value, grain least = grain()) {
    detail::for_parts(
        detail::distance_between(first, last),
        least,
        [&first, &value](std::size_t begin, std::size_t end) {
            const I stop = detail::nth(first, end);
            for (I at = detail::nth(first, begin); at != stop; ++at)
                *at = value;
        }
    );
}

template <random_access_range R, class T>
    requires writable_apart<iterator_of<R>>
void fill(R&& range, const T& value, grain least = grain()) {
    const auto first = std::begin(range);
    parallel::fill(first, detail::nth(first, detail::size_of(range)), value, least);
}

/// Assigns f() to each element: calls on several threads at once, in no order.
template <writable_apart I, class F>
void generate(I first, I last, F&& f, grain least = grain()) {
    detail::for_parts(
        detail::distance_between(first, last),
        least,
        [&first, &f](std::size_t begin, std::size_t end) {
            const I stop = detail::nth(first, end);
            for (I at = detail::nth(first, begin); at != stop; ++at)
                *at = f();
        }
    );
}

template <random_access_range R, class F>
    requires writable_apart<iterator_of<R>>
void generate(R&& range, F&& f, grain least = grain()) {
    const auto first = std::begin(range);
    parallel::generate(first, detail::nth(first, detail::size_of(range)), f, least);
}

}  // namespace amphi::parallel
