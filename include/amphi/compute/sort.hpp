// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/operators.hpp>
#include <amphi/compute/quick_sort.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <cstddef>
#include <iterator>

namespace amphi::parallel {

/// Sorts in place; equal elements come in no order. n log n comparisons at worst, no allocation.
/// When the comparison throws all elements are still there, in no order. Otherwise as `for_each`.
template <writable_apart I, class Less = detail::less>
void sort(I first, I last, Less&& less = {}, grain least = grain()) {
    detail::on_threads([&](std::size_t threads) {
        const int bad_max = detail::bad_parts_max(detail::distance_between(first, last));
        detail::quick_sort(first, last, detail::sort_limits(threads, least), bad_max, less);
    });
}

template <random_access_range R, class Less = detail::less>
    requires writable_apart<iterator_of<R>>
void sort(R&& range, Less&& less = {}, grain least = grain()) {
    const auto first = std::begin(range);
    parallel::sort(first, detail::nth(first, detail::size_of(range)), less, least);
}

}  // namespace amphi::parallel
