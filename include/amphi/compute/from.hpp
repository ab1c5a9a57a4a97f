// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/pipeline_stage.hpp>  // IWYU pragma: keep
#include <amphi/compute/random_access.hpp>

#include <cstddef>
#include <iterator>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace amphi::detail {

template <class I>
class range_source {
public:
    using item = std::iter_reference_t<I>;
    using value = std::iter_value_t<I>;
    static constexpr bool indexed = true;
    static constexpr bool batched = false;

    range_source(I first, std::size_t count, parallel::grain least)
        : first_(std::move(first))
        , count_(count)
        , least_(least) {}

    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] parallel::grain least() const noexcept { return least_; }
    [[nodiscard]] bool over() const noexcept { return false; }
    [[nodiscard]] range_source& source() noexcept { return *this; }
    [[nodiscard]] const I& first() const noexcept { return first_; }

    [[nodiscard]] item at(std::size_t index) const { return *nth(first_, index); }
    template <class Sink>
    void run(std::size_t begin, std::size_t end, const Sink& sink) const {
        const I stop = nth(first_, end);
        for (I at = nth(first_, begin); at != stop; ++at)
            if (!sink(*at)) return;
    }

private:
    I first_;
    std::size_t count_;
    parallel::grain least_;
};

/// A range that has to be walked: the walker leaves marks, at most a thousand, and a part is what
/// lies between two of them.
template <class I>
class walked_source {
public:
    using item = std::iter_reference_t<I>;
    using value = std::iter_value_t<I>;
    static constexpr bool indexed = false;
    static constexpr bool batched = false;

    template <class End>
    walked_source(I first, const End& last, parallel::grain least) {
        constexpr std::size_t marks_max = 1024;
        std::size_t since = 0;
        for (; first != last; ++first) {
            if (since == 0) {
                if (marks_.size() == marks_max) thin_out();
                marks_.push_back(first);
            }
            since = since + 1 == apart_ ? 0 : since + 1;
        }
        marks_.push_back(std::move(first));
        least_ = parallel::grain(least.elements() / apart_);
    }

    [[nodiscard]] std::size_t count() const noexcept { return marks_.size() - 1; }
    [[nodiscard]] parallel::grain least() const noexcept { return least_; }
    [[nodiscard]] bool over() const noexcept { return false; }
    [[nodiscard]] walked_source& source() noexcept { return *this; }

    template <class Sink>
    void run(std::size_t begin, std::size_t end, const Sink& sink) const {
        for (I at = marks_[begin]; at != marks_[end]; ++at)
            if (!sink(*at)) return;
    }

private:
    /// Every other mark.
    void thin_out() {
        std::vector<I> fewer;
        for (std::size_t i = 0; i < marks_.size(); i += 2)
            fewer.push_back(marks_[i]);
        marks_ = std::move(fewer);
        apart_ *= 2;
    }

    std::vector<I> marks_;
    std::size_t apart_ = 1;
    parallel::grain least_;
};

template <class R>
concept walked_range =
    !parallel::random_access_range<R> && std::forward_iterator<parallel::iterator_of<R>> &&
    (std::is_lvalue_reference_v<R> || std::ranges::enable_borrowed_range<std::remove_cvref_t<R>>);

}  // namespace amphi::detail

namespace amphi::parallel {

/// A pipeline over the elements of a range, which must stay as it is until its end:
///
///     const double sum = from(words) | filter(is_long) | transform(weight) | reduce(0.0);
///
/// Nothing is done before the end, here `reduce`: it splits the range as the algorithms do, and
/// takes each element through all stages in one go. Functions are called on several threads at
/// once, and as const. A pipeline is a value; an end leaves it as it is, so that one with a name
/// can be run again. Exceptions, locks and callers: as `for_each`.
template <lasting_range R>
auto from(R&& range, grain least = grain()) {
    const auto first = std::begin(range);
    return detail::range_source<iterator_of<R>>(first, detail::size_of(range), least);
}

template <random_access I>
auto from(I first, I last, grain least = grain()) {
    return detail::range_source<I>(first, detail::distance_between(first, last), least);
}

/// A list, a set, a map: it is walked once, here, so that parts of it can be found.
template <detail::walked_range R>
auto from(R&& range, grain least = grain()) {
    return detail::walked_source<iterator_of<R>>(std::begin(range), std::end(range), least);
}

}  // namespace amphi::parallel
