// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/pipeline_stage.hpp>
#include <amphi/compute/splitter.hpp>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace amphi::detail {

/// Elements that a vector can have before they are assigned, each by whichever thread.
template <class T>
concept assigned_later =
    std::is_nothrow_default_constructible_v<T> && std::movable<T> && !std::same_as<T, bool>;

/// A vector of so many elements, of no value in particular. Of a large one the kernel finds the
/// memory when it is first touched, which takes longer than to fill it: all threads do that.
template <class T>
std::vector<T> vector_of(std::size_t count) {
    constexpr std::size_t page = 4096;
    std::vector<T> all;
    all.reserve(count);
    if constexpr (std::is_trivially_default_constructible_v<T>) {
        auto* const bytes = reinterpret_cast<unsigned char*>(all.data());
        const auto touch = [bytes](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i)
                *static_cast<volatile unsigned char*>(bytes + i * page) = 0;
        };
        for_parts(count * sizeof(T) / page, parallel::grain(64), touch);
    }
    all.resize(count);
    return all;
}

template <class P>
std::vector<value_of<P>> collect_indexed(P& p) {
    std::vector<value_of<P>> all = vector_of<value_of<P>>(p.count());
    drive(
        p,
        [&](std::size_t begin, std::size_t end) {
            value_of<P>* to = all.data() + begin;
            p.run(begin, end, [&](typename P::item&& each) {
                *to++ = static_cast<typename P::item&&>(each);
                return true;
            });
            return std::monostate();
        },
        [](std::monostate, std::monostate) { return std::monostate(); }
    );
    return all;
}

/// What the parts gave, in order.
template <class T>
class pieces {
public:
    pieces() = default;
    explicit pieces(std::vector<T>&& one) {
        if (!one.empty()) all_.push_back(std::move(one));
    }
    void append(pieces&& later) {
        all_.insert(
            all_.end(),
            std::make_move_iterator(later.all_.begin()),
            std::make_move_iterator(later.all_.end())
        );
    }

    [[nodiscard]] std::vector<T> in_one() && {
        if (all_.empty()) return {};
        if (all_.size() == 1) return std::move(all_.front());
        std::vector<std::size_t> places;
        std::size_t count = 0;
        for (const std::vector<T>& each : all_) {
            places.push_back(count);
            count += each.size();
        }
        if constexpr (assigned_later<T>) {
            std::vector<T> one = vector_of<T>(count);
            const auto move = [&](std::size_t begin, std::size_t end) {
                for (std::size_t i = begin; i < end; ++i) {
                    T* to = one.data() + places[i];
                    for (T& each : all_[i])
                        *to++ = std::move(each);
                }
            };
            for_parts(all_.size(), parallel::grain(), move);
            return one;
        } else {
            std::vector<T> one;
            one.reserve(count);
            for (std::vector<T>& each : all_)
                one.insert(
                    one.end(),
                    std::make_move_iterator(each.begin()),
                    std::make_move_iterator(each.end())
                );
            return one;
        }
    }

private:
    std::vector<std::vector<T>> all_;
};

template <class P>
std::vector<value_of<P>> collect_pieces(P& p) {
    using some = pieces<value_of<P>>;
    some all = drive(
        p,
        [&](std::size_t begin, std::size_t end) {
            std::vector<value_of<P>> part;
            p.run(begin, end, [&](typename P::item&& each) {
                part.emplace_back(static_cast<typename P::item&&>(each));
                return true;
            });
            return some(std::move(part));
        },
        [](some&& left, some&& right) {
            left.append(std::move(right));
            return std::move(left);
        }
    );
    return std::move(all).in_one();
}

}  // namespace amphi::detail

namespace amphi::parallel {

/// An end: the items in a vector, in their order, as values: of a reference a copy, of a
/// `std::pair` or `std::tuple` of references one of values, of a `vector<bool>` a bool. Where there
/// is one an element they are written to their place, otherwise first to a vector a part.
inline auto to_vector() {
    return detail::pipeline_step{[]<class P>(P p) {
        using value = detail::value_of<P>;
        if constexpr (P::indexed && detail::assigned_later<value> &&
                      std::is_assignable_v<value&, typename P::item>)
            return detail::collect_indexed(p);
        else
            return detail::collect_pieces(p);
    }};
}

}  // namespace amphi::parallel
