// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/compute/grain.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/splitter.hpp>

#include <atomic>
#include <cstddef>
#include <iterator>

namespace amphi::detail {

/// Where a search has found something, for those that search elsewhere.
class found_place {
public:
    /// `none`: the number of places.
    explicit found_place(std::size_t none) noexcept : at_(none) {}

    void found(std::size_t place) noexcept {
        std::size_t best = at_.load(std::memory_order_relaxed);
        while (place < best && !at_.compare_exchange_weak(
                                   best, place, std::memory_order_relaxed, std::memory_order_relaxed
                               )) {
        }
    }
    [[nodiscard]] std::size_t get() const noexcept { return at_.load(std::memory_order_relaxed); }

private:
    // Only lowered. relaxed: it is a number and publishes nothing else; who reads the last one has
    // joined the searchers.
    atomic<std::size_t> at_;
};

/// The place of the first element for which f is true, or of any.
template <class I, class F>
std::size_t search(I first, std::size_t count, F& f, bool any, parallel::grain least) {
    // How many elements somebody goes on with after another has found one.
    constexpr std::size_t stride = 32;
    found_place best(count);
    for_parts(count, least, [&, count, any](std::size_t begin, std::size_t end) {
        for (std::size_t from = begin; from < end;) {
            const std::size_t known = best.get();
            if (any ? known != count : known < from) return;
            const std::size_t to = end - from < stride ? end : from + stride;
            I at = nth(first, from);
            for (; from < to; ++from, ++at) {
                if (f(*at)) return best.found(from);
            }
        }
    });
    return best.get();
}

}  // namespace amphi::detail

namespace amphi::parallel {

/// The first element for which f is true, or last. Parts behind one that was found are given up
/// soon. Otherwise as `for_each`.
template <random_access I, class F>
I find_if(I first, I last, F&& f, grain least = grain()) {
    const std::size_t count = detail::distance_between(first, last);
    return detail::nth(first, detail::search(first, count, f, false, least));
}

template <lasting_range R, class F>
auto find_if(R&& range, F&& f, grain least = grain()) {
    const auto first = std::begin(range);
    return detail::nth(first, detail::search(first, detail::size_of(range), f, false, least));
}

/// Some element for which f is true, or last: all parts are given up soon once there is one.
template <random_access I, class F>
I find_any(I first, I last, F&& f, grain least = grain()) {
    const std::size_t count = detail::distance_between(first, last);
    return detail::nth(first, detail::search(first, count, f, true, least));
}

template <lasting_range R, class F>
auto find_any(R&& range, F&& f, grain least = grain()) {
    const auto first = std::begin(range);
    return detail::nth(first, detail::search(first, detail::size_of(range), f, true, least));
}

}  // namespace amphi::parallel
