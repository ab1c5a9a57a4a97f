// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <iterator>
#include <type_traits>
#include <utility>

namespace amphi::detail {

// The leaves of the sorts. Unlike those of the standard library they keep every element whatever
// the comparison throws, and stay within the range whatever it says.

/// An element that was taken out of its place; it goes into the hole whatever happens.
template <class I>
class lifted {
public:
    explicit lifted(const I& at) : value_(std::ranges::iter_move(at)), hole_(at) {}
    lifted(const lifted&) = delete;
    lifted& operator=(const lifted&) = delete;
    ~lifted() { *hole_ = std::move(value_); }

    [[nodiscard]] const std::iter_value_t<I>& value() const noexcept { return value_; }
    [[nodiscard]] const I& hole() const noexcept { return hole_; }
    void move_down() {
        const I below = hole_ - 1;
        *hole_ = std::ranges::iter_move(below);
        hole_ = below;
    }

private:
    std::iter_value_t<I> value_;
    I hole_;
};

template <class T>
inline constexpr bool moves_without_throwing =
    std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>;

/// Stable. For a handful.
template <class I, class Less>
void insertion_sort(I first, I last, Less& less) {
    if (first == last) return;
    for (I next = first + 1; next != last; ++next) {
        if constexpr (moves_without_throwing<std::iter_value_t<I>>) {
            if (!less(*next, *(next - 1))) continue;
            lifted<I> moved(next);
            do {
                moved.move_down();
            } while (moved.hole() != first && less(moved.value(), *(moved.hole() - 1)));
        } else {
            for (I at = next; at != first && less(*at, *(at - 1)); --at)
                std::ranges::iter_swap(at, at - 1);
        }
    }
}

/// By swaps alone. For what quicksort does badly with.
template <class I, class Less>
void heap_sort(I first, I last, Less& less) {
    using number = std::iter_difference_t<I>;
    const auto sift = [&](number at, number count) {
        for (number child = 2 * at + 1; child < count; at = child, child = 2 * at + 1) {
            if (child + 1 < count && less(first[child], first[child + 1])) ++child;
            if (!less(first[at], first[child])) return;
            std::ranges::iter_swap(first + at, first + child);
        }
    };
    const number count = last - first;
    for (number at = count / 2; at > 0; --at)
        sift(at - 1, count);
    for (number left = count - 1; left > 0; --left) {
        std::ranges::iter_swap(first, first + left);
        sift(0, left);
    }
}

}  // namespace amphi::detail
