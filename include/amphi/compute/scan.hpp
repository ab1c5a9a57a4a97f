// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/blocks.hpp>
#include <amphi/compute/grain.hpp>
#include <amphi/compute/operators.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace amphi::detail {

/// What stands before a block is known when all blocks before it have been reduced: those at once,
/// then these sums one after the other, then the blocks at once again, each with what is before it.
template <class T, class I, class Op, class Block>
void scan_by_blocks(
    I first,
    std::size_t count,
    std::optional<T> init,
    Op& op,
    parallel::grain least,
    const Block& scan_block
) {
    if (count == 0) return;
    on_threads([&](std::size_t threads) {
        const blocks cut(count, threads, least);
        std::vector<std::optional<T>> before(cut.number());
        cut.for_first(cut.number() - 1, [&](std::size_t block) {
            const I stop = nth(first, cut.end(block));
            I at = nth(first, cut.begin(block));
            T sum = static_cast<T>(*at);
            while (++at != stop)
                sum = op(std::move(sum), *at);
            before[block + 1].emplace(std::move(sum));
        });
        before[0] = std::move(init);
        for (std::size_t block = 1; block < cut.number(); ++block) {
            if (!before[block - 1]) continue;
            // op may return a reference to what it was given.
            T sum = static_cast<T>(op(*before[block - 1], *std::move(before[block])));
            before[block].emplace(std::move(sum));
        }
        cut.for_first(cut.number(), [&](std::size_t block) {
            scan_block(cut.begin(block), cut.end(block), std::move(before[block]));
        });
    });
}

template <class T, class I, class O, class Op>
O scan_inclusive(I first, I last, O out, std::optional<T> init, Op& op, parallel::grain least) {
    const std::size_t count = distance_between(first, last);
    const auto block = [&](std::size_t begin, std::size_t end, std::optional<T> before) {
        const I stop = nth(first, end);
        I at = nth(first, begin);
        O to = nth(out, begin);
        T sum = before ? static_cast<T>(op(*std::move(before), *at)) : static_cast<T>(*at);
        *to = sum;
        while (++at != stop) {
            sum = op(std::move(sum), *at);
            *++to = sum;
        }
    };
    scan_by_blocks<T>(first, count, std::move(init), op, least, block);
    return nth(out, count);
}

}  // namespace amphi::detail

namespace amphi::parallel {

/// Writes to `out` and what follows, which may be the elements themselves, op of all elements up to
/// each, itself included, by default their sum, and gives the end of what was written. op must be
/// associative and is called about twice an element. Allocates a value for some parts a thread.
/// Otherwise as `for_each`.
template <random_access I, writable_apart O, class Op = detail::plus>
O inclusive_scan(I first, I last, O out, Op&& op = {}, grain least = grain()) {
    return detail::scan_inclusive<std::iter_value_t<I>>(first, last, out, std::nullopt, op, least);
}

template <random_access_range R, writable_apart O, class Op = detail::plus>
O inclusive_scan(R&& range, O out, Op&& op = {}, grain least = grain()) {
    const auto first = std::begin(range);
    const auto last = detail::nth(first, detail::size_of(range));
    return parallel::inclusive_scan(first, last, out, op, least);
}

/// The same of all elements before each, and `init` before them all.
template <random_access I, writable_apart O, class T, class Op = detail::plus>
O exclusive_scan(I first, I last, O out, T init, Op&& op = {}, grain least = grain()) {
    const std::size_t count = detail::distance_between(first, last);
    const auto block = [&](std::size_t begin, std::size_t end, std::optional<T> before) {
        const I stop = detail::nth(first, end);
        I at = detail::nth(first, begin);
        O to = detail::nth(out, begin);
        T sum = *std::move(before);
        for (; at != stop; ++at, ++to) {
            T next = op(sum, *at);  // first, since *to may be *at
            *to = std::move(sum);
            sum = std::move(next);
        }
    };
    detail::scan_by_blocks<T>(first, count, std::optional<T>(std::move(init)), op, least, block);
    return detail::nth(out, count);
}

template <random_access_range R, writable_apart O, class T, class Op = detail::plus>
O exclusive_scan(R&& range, O out, T init, Op&& op = {}, grain least = grain()) {
    const auto first = std::begin(range);
    const auto last = detail::nth(first, detail::size_of(range));
    return parallel::exclusive_scan(first, last, out, std::move(init), op, least);
}

}  // namespace amphi::parallel
