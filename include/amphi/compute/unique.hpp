// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/blocks.hpp>
#include <amphi/compute/grain.hpp>
#include <amphi/compute/operators.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace amphi::detail {

/// On a worker. Moves what is wanted down to the beginning of the range. `places`: where the wanted
/// ones of each block go, with their number at the end.
template <class I>
void keep_wanted(
    I first, const bool* wanted, const blocks& cut, const std::vector<std::size_t>& places
) {
    const auto move_down = [&](std::size_t block) {
        I to = nth(first, places[block]);
        for (std::size_t i = cut.begin(block); i < cut.end(block); ++i) {
            if (!wanted[i]) continue;
            const I from = nth(first, i);
            if (to != from) *to = std::ranges::iter_move(from);
            ++to;
        }
    };
    // Blocks go together as long as none of them writes to where another has yet to be read: the
    // more has been left out below them, the more they are.
    for (std::size_t block = 0; block < cut.number();) {
        std::size_t behind = block + 1;
        while (behind < cut.number() && places[behind + 1] <= cut.begin(block))
            ++behind;
        cut.for_first(behind - block, [&](std::size_t of_these) { move_down(block + of_these); });
        block = behind;
    }
}

template <class I, class Equal>
std::size_t unique_by_blocks(I first, Equal& equal, std::size_t count, const blocks& cut) {
    // Plain memory: it is written before it is read.
    const std::unique_ptr<bool[]> wanted(new bool[count]);
    std::vector<std::size_t> places(cut.number() + 1);
    cut.for_first(cut.number(), [&](std::size_t block) {
        std::size_t sum = 0;
        for (std::size_t i = cut.begin(block); i < cut.end(block); ++i) {
            wanted[i] = i == 0 || !equal(*nth(first, i - 1), *nth(first, i));
            sum += wanted[i] ? 1 : 0;
        }
        places[block] = sum;
    });
    std::size_t place = 0;
    for (std::size_t& each : places)
        place += std::exchange(each, place);
    keep_wanted(first, wanted.get(), cut, places);
    return place;
}

}  // namespace amphi::detail

namespace amphi::parallel {

/// Of neighbours that are equal keeps the first, in order, and gives the end of what is kept; what
/// is behind has been moved from. `equal` must be an equivalence: it is asked about neighbours.
/// When it throws, nothing has moved. Allocates a byte an element. Otherwise as `for_each`.
template <writable_apart I, class Equal = detail::equal_to>
I unique(I first, I last, Equal&& equal = {}, grain least = grain()) {
    const std::size_t count = detail::distance_between(first, last);
    if (count < 2) return last;
    const std::size_t kept = detail::on_threads([&](std::size_t threads) {
        return detail::unique_by_blocks(first, equal, count, detail::blocks(count, threads, least));
    });
    return detail::nth(first, kept);
}

template <lasting_range R, class Equal = detail::equal_to>
    requires writable_apart<iterator_of<R>>
auto unique(R&& range, Equal&& equal = {}, grain least = grain()) {
    const auto first = std::begin(range);
    return parallel::unique(first, detail::nth(first, detail::size_of(range)), equal, least);
}

}  // namespace amphi::parallel
