// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/operators.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/sort.hpp>

#include <iterator>

namespace amphi::parallel {

/// Sorts by key(element), which is called twice a comparison: one that takes long is better kept in
/// the element. When it throws all elements are still there. Otherwise as `sort`.
template <writable_apart I, class Key, class Less = detail::less>
void sort_by_key(I first, I last, Key&& key, Less&& less = {}, grain least = grain()) {
    const auto by_key = [&key, &less](const auto& a, const auto& b) -> bool {
        return less(key(a), key(b));
    };
    parallel::sort(first, last, by_key, least);
}

template <random_access_range R, class Key, class Less = detail::less>
    requires writable_apart<iterator_of<R>>
void sort_by_key(R&& range, Key&& key, Less&& less = {}, grain least = grain()) {
    const auto first = std::begin(range);
    const auto last = detail::nth(first, detail::size_of(range));
    parallel::sort_by_key(first, last, key, less, least);
}

}  // namespace amphi::parallel
