// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <utility>

namespace amphi::detail {

// What the algorithms do when no function is given. Those of <functional> cost its inclusion.

struct less {
    template <class A, class B>
    constexpr bool operator()(const A& a, const B& b) const noexcept(noexcept(a < b)) {
        return a < b;
    }
};

struct equal_to {
    template <class A, class B>
    constexpr bool operator()(const A& a, const B& b) const noexcept(noexcept(a == b)) {
        return a == b;
    }
};

struct plus {
    template <class A, class B>
    constexpr auto operator()(A&& a, B&& b) const {
        return std::forward<A>(a) + std::forward<B>(b);
    }
};

}  // namespace amphi::detail
