// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <cstddef>
#include <iterator>
#include <span>
#include <type_traits>
#include <utility>

namespace amphi::parallel {

/// What the algorithms take as an iterator: an index reaches any element.
template <class I>
concept random_access = std::random_access_iterator<I>;

/// What they take as a range: arrays, vectors, spans, strings, deques; also a temporary view.
template <class R>
concept random_access_range = requires(R& range) {
    { std::begin(range) } -> random_access;
    { std::end(range) - std::begin(range) } -> std::integral;
};

/// One whose elements outlive the call, so that an iterator may be returned: no temporary that owns
/// them.
template <class R>
concept lasting_range =
    random_access_range<R> &&
    (std::is_lvalue_reference_v<R> || std::ranges::enable_borrowed_range<std::remove_cvref_t<R>>);

/// The iterator of a range.
template <class R>
using iterator_of = decltype(std::begin(std::declval<R&>()));

/// What they write to: as `random_access`, but elements that share a byte, those of
/// `std::vector<bool>`, cannot be written by two threads.
template <class I>
concept writable_apart = random_access<I> && (std::is_reference_v<std::iter_reference_t<I>> ||
                                              !std::same_as<std::iter_value_t<I>, bool>);

}  // namespace amphi::parallel

namespace amphi::detail {

template <class I>
[[nodiscard]] constexpr std::size_t distance_between(const I& first, const I& last) {
    return static_cast<std::size_t>(last - first);
}

template <class R>
[[nodiscard]] constexpr std::size_t size_of(R& range) {
    return static_cast<std::size_t>(std::end(range) - std::begin(range));
}

template <class I>
[[nodiscard]] constexpr I nth(const I& first, std::size_t index) {
    return first + static_cast<std::iter_difference_t<I>>(index);
}

}  // namespace amphi::detail
