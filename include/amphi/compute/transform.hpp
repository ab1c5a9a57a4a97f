// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <cstddef>
#include <iterator>

namespace amphi::parallel {

/// Writes f(element) for each to `out` and what follows, which may be the elements themselves, and
/// gives the end of what was written. Otherwise as `for_each`.
template <random_access I, writable_apart O, class F>
O transform(I first, I last, O out, F&& f, grain least = grain()) {
    const std::size_t count = detail::distance_between(first, last);
    detail::for_parts(count, least, [&](std::size_t begin, std::size_t end) {
        const I stop = detail::nth(first, end);
        O to = detail::nth(out, begin);
        for (I at = detail::nth(first, begin); at != stop; ++at, ++to)
            *to = f(*at);
    });
    return detail::nth(out, count);
}

template <random_access_range R, writable_apart O, class F>
O transform(R&& range, O out, F&& f, grain least = grain()) {
    const auto first = std::begin(range);
    return parallel::transform(first, detail::nth(first, detail::size_of(range)), out, f, least);
}

/// The same with f(element, the element of the second range at its place).
template <random_access I, random_access J, writable_apart O, class F>
O transform(I first, I last, J second, O out, F&& f, grain least = grain()) {
    const std::size_t count = detail::distance_between(first, last);
    detail::for_parts(count, least, [&](std::size_t begin, std::size_t end) {
        const I stop = detail::nth(first, end);
        J beside = detail::nth(second, begin);
        O to = detail::nth(out, begin);
        for (I at = detail::nth(first, begin); at != stop; ++at, ++beside, ++to)
            *to = f(*at, *beside);
    });
    return detail::nth(out, count);
}

}  // namespace amphi::parallel
