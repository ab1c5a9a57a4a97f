// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/operators.hpp>
#include <amphi/compute/quick_sort.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <cstddef>
#include <iterator>

namespace amphi::detail {

/// A part of a range.
template <class I>
struct run_of {
    I first;
    std::size_t count;

    [[nodiscard]] run_of upto(std::size_t index) const { return {first, index}; }
    [[nodiscard]] run_of from(std::size_t index) const {
        return {nth(first, index), count - index};
    }
};

/// How many of the first elements f is true for, which is true for no later ones.
template <class I, class F>
std::size_t count_before(const run_of<I>& run, const F& f) {
    std::size_t low = 0;
    for (std::size_t high = run.count; low < high;) {
        const std::size_t middle = low + (high - low) / 2;
        if (f(*nth(run.first, middle)))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

template <class I, class J, class O, class Less, class Put>
void merge_here(const run_of<I>& a, const run_of<J>& b, O out, Less& less, const Put& put) {
    I left = a.first;
    J right = b.first;
    const I left_end = nth(left, a.count);
    const J right_end = nth(right, b.count);
    while (left != left_end && right != right_end) {
        if (less(*right, *left)) {
            put(out, right);
            ++right;
        } else {
            put(out, left);
            ++left;
        }
        ++out;
    }
    for (; left != left_end; ++left, ++out)
        put(out, left);
    for (; right != right_end; ++right, ++out)
        put(out, right);
}

/// On a worker. Merges two sorted runs, of equal elements those of a first, by put(to, from). The
/// longer is cut in the middle, and the other where the element there would stand.
template <class I, class J, class O, class Less, class Put>
void merge_runs(
    const run_of<I>& a,
    const run_of<J>& b,
    O out,
    const sort_limits& limits,
    Less& less,
    const Put& put
) {
    if (!limits.fork((a.count + b.count) / 4)) return merge_here(a, b, out, less, put);
    std::size_t of_a = a.count / 2;
    std::size_t of_b = b.count / 2;
    if (a.count >= b.count) {
        const auto is_less = [&](const auto& each) { return less(each, *nth(a.first, of_a)); };
        of_b = count_before(b, is_less);
    } else {
        const auto is_upto = [&](const auto& each) { return !less(*nth(b.first, of_b), each); };
        of_a = count_before(a, is_upto);
    }
    const auto left = [&](bool) { merge_runs(a.upto(of_a), b.upto(of_b), out, limits, less, put); };
    const auto right = [&](bool) {
        merge_runs(a.from(of_a), b.from(of_b), nth(out, of_a + of_b), limits, less, put);
    };
    fork_here(left, right);
}

}  // namespace amphi::detail

namespace amphi::parallel {

/// Copies the elements of two sorted ranges to `out`, sorted, of equal ones those of the first
/// range first, and gives the end of what was written. No allocation. Otherwise as `for_each`.
template <random_access I, random_access J, writable_apart O, class Less = detail::less>
O merge(I first, I last, J second, J second_last, O out, Less&& less = {}, grain least = grain()) {
    const detail::run_of<I> a{first, detail::distance_between(first, last)};
    const detail::run_of<J> b{second, detail::distance_between(second, second_last)};
    const auto copy = [](const O& to, const auto& from) { *to = *from; };
    detail::on_threads([&](std::size_t threads) {
        detail::merge_runs(a, b, out, detail::sort_limits(threads, least), less, copy);
    });
    return detail::nth(out, a.count + b.count);
}

template <random_access_range A, random_access_range B, writable_apart O, class Less = detail::less>
O merge(A&& a, B&& b, O out, Less&& less = {}, grain least = grain()) {
    const auto first = std::begin(a);
    const auto second = std::begin(b);
    const auto last = detail::nth(first, detail::size_of(a));
    const auto second_last = detail::nth(second, detail::size_of(b));
    return parallel::merge(first, last, second, second_last, out, less, least);
}

}  // namespace amphi::parallel
