// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/find.hpp>
#include <amphi/compute/grain.hpp>
#include <amphi/compute/random_access.hpp>

#include <cstddef>
#include <iterator>

namespace amphi::parallel {

/// Whether f is true for some element; all parts are given up soon once it is. Otherwise as
/// `for_each`.
template <random_access I, class F>
bool any_of(I first, I last, F&& f, grain least = grain()) {
    const std::size_t count = detail::distance_between(first, last);
    return detail::search(first, count, f, true, least) != count;
}

template <random_access_range R, class F>
bool any_of(R&& range, F&& f, grain least = grain()) {
    const auto first = std::begin(range);
    return parallel::any_of(first, detail::nth(first, detail::size_of(range)), f, least);
}

/// Whether f is true for none.
template <random_access I, class F>
bool none_of(I first, I last, F&& f, grain least = grain()) {
    return !parallel::any_of(first, last, f, least);
}

template <random_access_range R, class F>
bool none_of(R&& range, F&& f, grain least = grain()) {
    return !parallel::any_of(range, f, least);
}

/// Whether f is true for all.
template <random_access I, class F>
bool all_of(I first, I last, F&& f, grain least = grain()) {
    const auto is_not = [&f](auto&& element) -> bool { return !f(element); };
    return !parallel::any_of(first, last, is_not, least);
}

template <random_access_range R, class F>
bool all_of(R&& range, F&& f, grain least = grain()) {
    const auto is_not = [&f](auto&& element) -> bool { return !f(element); };
    return !parallel::any_of(range, is_not, least);
}

}  // namespace amphi::parallel
