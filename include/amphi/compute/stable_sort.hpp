// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/compute/grain.hpp>
#include <amphi/compute/merge.hpp>
#include <amphi/compute/operators.hpp>
#include <amphi/compute/quick_sort.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/small_sort.hpp>
#include <amphi/compute/splitter.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <utility>

namespace amphi::detail {

/// A comparison that never throws: the first exception is kept, and after it everything is equal.
/// So a sort goes through to its end and leaves all elements where they belong: in the range.
template <class Less>
class caught_less {
public:
    explicit caught_less(Less& less) noexcept : less_(less) {}

    template <class A, class B>
    bool operator()(const A& a, const B& b) noexcept {
        if constexpr (noexcept(less_(a, b))) {
            return less_(a, b);
        } else {
            if (failed_.load(std::memory_order_relaxed)) [[unlikely]]
                return false;
            try {
                return less_(a, b);
            } catch (...) {
                if (!failed_.exchange(true, std::memory_order_relaxed))
                    failure_ = std::current_exception();
                return false;
            }
        }
    }

    /// After all comparisons.
    void throw_failure() {
        if (failure_) std::rethrow_exception(std::move(failure_));
    }

private:
    Less& less_;
    // From false to true, once, by whoever then writes `failure_`. relaxed: it is read by the one
    // who has joined all that compare.
    atomic<bool> failed_{false};
    std::exception_ptr failure_;
};

/// Room for elements, which it neither makes nor ends.
template <class T>
class raw_room {
public:
    explicit raw_room(std::size_t count)
        : count_(count)
        , first_(std::allocator<T>().allocate(count)) {}
    raw_room(const raw_room&) = delete;
    raw_room& operator=(const raw_room&) = delete;
    ~raw_room() { std::allocator<T>().deallocate(first_, count_); }

    [[nodiscard]] T* first() const noexcept { return first_; }

private:
    std::size_t count_;
    T* first_;
};

/// A merge sort between a range and a room of its size: the halves are sorted into the one, and
/// merged into the other. Elements of the room live from the merge that makes them to the one that
/// takes them, so that none is there at the end. On workers.
template <class I, class Less>
class merge_sorter {
public:
    using value = std::iter_value_t<I>;
    static_assert(
        moves_without_throwing<value>, "stable_sort takes elements whose moves are noexcept"
    );

    /// `less` must not throw.
    merge_sorter(I first, value* room, const sort_limits& limits, Less& less)
        : first_(first)
        , room_(room)
        , limits_(limits)
        , less_(less) {}

    void sort(std::size_t begin, std::size_t end, bool into_room) const {
        const std::size_t count = end - begin;
        if (count <= 20) return sort_few(begin, end, into_room);
        const std::size_t middle = begin + count / 2;
        const auto left = [&](bool) { sort(begin, middle, !into_room); };
        const auto right = [&](bool) { sort(middle, end, !into_room); };
        if (limits_.fork(count)) {
            fork_here(left, right);
        } else {
            left(false);
            right(false);
        }
        if (into_room)
            merge(first_, room_, begin, middle, end, [](value* to, const I& from) {
                std::construct_at(to, std::ranges::iter_move(from));
            });
        else
            merge(room_, first_, begin, middle, end, [](const I& to, value* from) {
                *to = std::move(*from);
                std::destroy_at(from);
            });
    }

private:
    void sort_few(std::size_t begin, std::size_t end, bool into_room) const {
        insertion_sort(nth(first_, begin), nth(first_, end), less_);
        if (!into_room) return;
        for (std::size_t i = begin; i < end; ++i)
            std::construct_at(room_ + i, std::ranges::iter_move(nth(first_, i)));
    }

    template <class From, class To, class Put>
    void merge(
        From from, To to, std::size_t begin, std::size_t middle, std::size_t end, const Put& put
    ) const {
        const run_of<From> a{nth(from, begin), middle - begin};
        const run_of<From> b{nth(from, middle), end - middle};
        merge_runs(a, b, nth(to, begin), limits_, less_, put);
    }

    const I first_;
    value* const room_;
    const sort_limits limits_;
    Less& less_;
};

}  // namespace amphi::detail

namespace amphi::parallel {

/// Sorts; equal elements stay in their order. n log n comparisons, and an allocation for as many
/// elements. Their moves must be noexcept. When the comparison throws all elements are still there,
/// in no order. Otherwise as `for_each`.
template <writable_apart I, class Less = detail::less>
void stable_sort(I first, I last, Less&& less = {}, grain least = grain()) {
    const std::size_t count = detail::distance_between(first, last);
    if (count < 2) return;
    const detail::raw_room<std::iter_value_t<I>> room(count);
    detail::caught_less caught(less);
    detail::on_threads([&](std::size_t threads) {
        const detail::sort_limits limits(threads, least);
        detail::merge_sorter(first, room.first(), limits, caught).sort(0, count, false);
    });
    caught.throw_failure();
}

template <random_access_range R, class Less = detail::less>
    requires writable_apart<iterator_of<R>>
void stable_sort(R&& range, Less&& less = {}, grain least = grain()) {
    const auto first = std::begin(range);
    parallel::stable_sort(first, detail::nth(first, detail::size_of(range)), less, least);
}

}  // namespace amphi::parallel
