// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/blocks.hpp>
#include <amphi/compute/grain.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace amphi::detail {

template <class I, class O, class F>
O copy_if_here(I first, I last, O out, F& f) {
    for (; first != last; ++first) {
        if (f(*first)) {
            *out = *first;
            ++out;
        }
    }
    return out;
}

/// Once over the range to learn which, then, where each block begins being known, once to copy.
template <class I, class O, class F>
O copy_if_by_blocks(I first, O out, F& f, std::size_t count, const blocks& cut) {
    // Plain memory: it is written before it is read.
    const std::unique_ptr<bool[]> wanted(new bool[count]);
    std::vector<std::size_t> places(cut.number());
    cut.for_first(cut.number(), [&](std::size_t block) {
        std::size_t sum = 0;
        for (std::size_t i = cut.begin(block); i < cut.end(block); ++i) {
            wanted[i] = f(*nth(first, i)) ? true : false;
            sum += wanted[i] ? 1 : 0;
        }
        places[block] = sum;
    });
    std::size_t place = 0;
    for (std::size_t& each : places)
        place += std::exchange(each, place);
    cut.for_first(cut.number(), [&](std::size_t block) {
        O to = nth(out, places[block]);
        for (std::size_t i = cut.begin(block); i < cut.end(block); ++i) {
            if (wanted[i]) {
                *to = *nth(first, i);
                ++to;
            }
        }
    });
    return nth(out, place);
}

}  // namespace amphi::detail

namespace amphi::parallel {

/// Copies the elements for which f is true, in their order, to `out` and what follows, where there
/// must be room for them, and gives the end of what was written. Calls f once for each. Allocates a
/// byte an element where there are several threads. Otherwise as `for_each`.
template <random_access I, writable_apart O, class F>
O copy_if(I first, I last, O out, F&& f, grain least = grain()) {
    return detail::on_threads([&](std::size_t threads) {
        const std::size_t count = detail::distance_between(first, last);
        const detail::blocks cut(count, threads, least);
        if (cut.number() == 1) return detail::copy_if_here(first, last, out, f);
        return detail::copy_if_by_blocks(first, out, f, count, cut);
    });
}

template <random_access_range R, writable_apart O, class F>
O copy_if(R&& range, O out, F&& f, grain least = grain()) {
    const auto first = std::begin(range);
    return parallel::copy_if(first, detail::nth(first, detail::size_of(range)), out, f, least);
}

/// The same, behind what is in a vector; when something throws the vector is as it was. The parts
/// are gathered in vectors of their own before.
template <random_access_range R, class T, class A, class F>
void copy_if(R&& range, std::vector<T, A>& to, F&& f, grain least = grain()) {
    const auto first = std::begin(range);
    std::vector<T> found = detail::combine_parts(
        detail::size_of(range),
        least,
        [&](std::size_t begin, std::size_t end) {
            std::vector<T> part;
            const auto stop = detail::nth(first, end);
            for (auto at = detail::nth(first, begin); at != stop; ++at)
                if (f(*at)) part.push_back(*at);
            return part;
        },
        [](std::vector<T>&& left, std::vector<T>&& right) {
            if (left.empty()) return std::move(right);
            left.insert(
                left.end(),
                std::make_move_iterator(right.begin()),
                std::make_move_iterator(right.end())
            );
            return std::move(left);
        }
    );
    // At the end, and so with the strong guarantee.
    to.insert(
        to.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end())
    );
}

}  // namespace amphi::parallel
