// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>
#include <amphi/compute/worker.hpp>
#include <amphi/task/thread_state.hpp>

#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

namespace amphi::detail {

using counts = std::vector<std::size_t>;

/// On a worker.
inline counts sum_of_counts(std::vector<counts>&& each, std::size_t bins, std::size_t threads) {
    counts sum(bins);
    constexpr parallel::grain worth_it(std::size_t{16} * 1024);
    const auto add = [&](std::size_t begin, std::size_t end) {
        for (const counts& of_thread : each) {
            if (of_thread.empty()) continue;
            for (std::size_t bin = begin; bin < end; ++bin)
                sum[bin] += of_thread[bin];
        }
    };
    split_range(0, bins, splitter(threads, worth_it), false, add);
    return sum;
}

}  // namespace amphi::detail

namespace amphi::parallel {

/// How many elements fall into each of `bins` bins: bin_of(element) says which one, and is called
/// once for each. Throws `std::out_of_range` when there is no such bin. Allocates the counts once a
/// thread. Otherwise as `for_each`.
template <random_access I, class F>
std::vector<std::size_t>
histogram(I first, I last, std::size_t bins, F&& bin_of, grain least = grain()) {
    return detail::on_threads([&](std::size_t threads) {
        // A thread counts in its own. Where bin_of itself forks, another part may come between on
        // the same thread, which then adds to the same counts.
        std::vector<detail::counts> each(threads);
        const auto count = [&](std::size_t begin, std::size_t end) {
            detail::counts& mine = each[detail::compute_worker_of(detail::this_thread())->index()];
            if (mine.empty()) mine.resize(bins);
            const I stop = detail::nth(first, end);
            for (I at = detail::nth(first, begin); at != stop; ++at) {
                // One that is negative is too large then.
                const auto bin = static_cast<std::size_t>(bin_of(*at));
                if (bin >= bins) throw std::out_of_range("histogram: no such bin");
                ++mine[bin];
            }
        };
        const std::size_t elements = detail::distance_between(first, last);
        detail::split_range(0, elements, detail::splitter(threads, least), false, count);
        return detail::sum_of_counts(std::move(each), bins, threads);
    });
}

template <random_access_range R, class F>
std::vector<std::size_t> histogram(R&& range, std::size_t bins, F&& bin_of, grain least = grain()) {
    const auto first = std::begin(range);
    const auto last = detail::nth(first, detail::size_of(range));
    return parallel::histogram(first, last, bins, bin_of, least);
}

}  // namespace amphi::parallel
