// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace amphi::parallel {

/// Calls f with each element, on several threads at once: f must bear that. In no order.
///
/// As all of `parallel`: it may be called from any thread, and outside of a pool it moves to
/// `compute` and blocks the caller; closures may capture by reference, since all calls have ended
/// when it returns or throws. When calls throw, one of the exceptions is thrown, and which elements
/// were visited is not said. Costs some forks a thread, and no allocation unless said. Hold no lock
/// across it. Throws `would_block_worker` on an async worker.
template <random_access I, class F>
    requires std::invocable<F&, std::iter_reference_t<I>>
void for_each(I first, I last, F&& f, grain least = grain()) {
    detail::for_parts(
        detail::distance_between(first, last),
        least,
        [&first, &f](std::size_t begin, std::size_t end) {
            const I stop = detail::nth(first, end);
            for (I at = detail::nth(first, begin); at != stop; ++at)
                f(*at);
        }
    );
}

template <random_access_range R, class F>
void for_each(R&& range, F&& f, grain least = grain()) {
    const auto first = std::begin(range);
    parallel::for_each(first, detail::nth(first, detail::size_of(range)), f, least);
}

/// Calls f with each number of [first, last), as `for_each`, in the type that both have in common.
/// Throws `std::out_of_range` when there are some that it cannot hold: from -1 to a `size_t`.
template <std::integral A, std::integral B, class F>
void for_each_index(A first, B last, F&& f, grain least = grain()) {
    using index = std::common_type_t<A, B>;
    if (!std::cmp_less(first, last)) return;
    if (!std::in_range<index>(first)) throw std::out_of_range("for_each_index: a negative number");
    const index from = static_cast<index>(first);
    // Unsigned, and so without overflow, however far apart they are.
    using offset = std::make_unsigned_t<index>;
    const auto count = static_cast<offset>(
        static_cast<offset>(static_cast<index>(last)) - static_cast<offset>(from)
    );
    detail::for_parts(count, least, [from, &f](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            f(static_cast<index>(static_cast<offset>(from) + static_cast<offset>(i)));
    });
}

}  // namespace amphi::parallel
