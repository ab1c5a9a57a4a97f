// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/operators.hpp>
#include <amphi/compute/pipeline_stage.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <utility>
#include <variant>

namespace amphi::detail {

template <class T, class P, class Op>
T reduce_indexed(P& p, T init, const Op& op) {
    if (p.count() == 0) return init;
    T all = drive(
        p,
        [&](std::size_t begin, std::size_t end) {
            T sum = static_cast<T>(p.at(begin));
            p.run(begin + 1, end, [&](typename P::item&& each) {
                sum = op(std::move(sum), static_cast<typename P::item&&>(each));
                return true;
            });
            return sum;
        },
        [&](T&& left, T&& right) { return static_cast<T>(op(std::move(left), std::move(right))); }
    );
    return static_cast<T>(op(std::move(init), std::move(all)));
}

/// Parts may come to nothing.
template <class T, class P, class Op>
T reduce_some(P& p, T init, const Op& op) {
    using perhaps = std::optional<T>;
    perhaps all = drive(
        p,
        [&](std::size_t begin, std::size_t end) {
            perhaps sum;
            p.run(begin, end, [&](typename P::item&& each) {
                if (sum) [[likely]]
                    *sum = op(std::move(*sum), static_cast<typename P::item&&>(each));
                else
                    sum.emplace(static_cast<T>(static_cast<typename P::item&&>(each)));
                return true;
            });
            return sum;
        },
        [&](perhaps&& left, perhaps&& right) {
            if (!left) return std::move(right);
            if (right) *left = op(std::move(*left), std::move(*right));
            return std::move(left);
        }
    );
    if (!all) return init;
    return static_cast<T>(op(std::move(init), std::move(*all)));
}

}  // namespace amphi::detail

namespace amphi::parallel {

/// An end: op of `init` and all items, in their order; by default their sum. op must be
/// associative, but need not be commutative.
template <class T, class Op = detail::plus>
    requires std::same_as<Op, detail::plus> || std::invocable<const Op&, T, T>
auto reduce(T init, Op op = {}) {
    return detail::pipeline_step{
        [init = std::move(init), op = std::move(op)]<class P>(P p) mutable -> T {
            if constexpr (P::indexed)
                return detail::reduce_indexed<T>(p, std::move(init), op);
            else
                return detail::reduce_some<T>(p, std::move(init), op);
        }
    };
}

/// An end: calls f with each item, in no order.
template <class F>
auto for_each(F f) {
    return detail::pipeline_step{[f = std::move(f)]<class P>(P p) {
        detail::drive(
            p,
            [&](std::size_t begin, std::size_t end) {
                p.run(begin, end, [&](typename P::item&& each) {
                    f(static_cast<typename P::item&&>(each));
                    return true;
                });
                return std::monostate();
            },
            [](std::monostate, std::monostate) { return std::monostate(); }
        );
    }};
}

/// An end: how many items there are.
inline auto count() {
    return detail::pipeline_step{[]<class P>(P p) {
        return detail::drive(
            p,
            [&](std::size_t begin, std::size_t end) {
                std::size_t sum = 0;
                p.run(begin, end, [&](typename P::item&&) {
                    ++sum;
                    return true;
                });
                return sum;
            },
            [](std::size_t left, std::size_t right) { return left + right; }
        );
    }};
}

}  // namespace amphi::parallel
