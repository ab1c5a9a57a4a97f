// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/from.hpp>
#include <amphi/compute/pipeline_stage.hpp>
#include <amphi/compute/random_access.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace amphi::detail {

template <indexed_pipeline A, indexed_pipeline B>
class zip_stage : public stage_over<A> {
public:
    using item = std::pair<typename A::item, typename B::item>;
    using value = std::pair<value_of<A>, value_of<B>>;
    static constexpr bool indexed = true;

    zip_stage(A&& a, B&& b) : stage_over<A>(std::move(a)), b_(std::move(b)) {}

    [[nodiscard]] std::size_t count() const {
        const std::size_t of_a = this->base().count();
        const std::size_t of_b = b_.count();
        return of_a < of_b ? of_a : of_b;
    }
    [[nodiscard]] item at(std::size_t index) const {
        return item(this->base().at(index), b_.at(index));
    }
    template <class Sink>
    void run(std::size_t begin, std::size_t end, const Sink& sink) const {
        for (; begin < end; ++begin)
            if (!sink(at(begin))) return;
    }

private:
    B b_;
};

template <indexed_pipeline Base>
class enumerate_stage : public stage_over<Base> {
public:
    using item = std::pair<std::size_t, typename Base::item>;
    using value = std::pair<std::size_t, value_of<Base>>;
    static constexpr bool indexed = true;

    using stage_over<Base>::stage_over;

    [[nodiscard]] item at(std::size_t index) const { return item(index, this->base().at(index)); }
    template <class Sink>
    void run(std::size_t begin, std::size_t end, const Sink& sink) const {
        std::size_t index = begin;
        this->base().run(begin, end, [&](typename Base::item&& each) -> bool {
            return sink(item(index++, static_cast<typename Base::item&&>(each)));
        });
    }
};

}  // namespace amphi::detail

namespace amphi::parallel {

/// A stage: a `std::pair` of each item and the one at its place in the other, a pipeline or a
/// range, as far as the shorter of them goes. Both must give one item an element: `zip` comes
/// before a `filter`.
template <class Other>
    requires detail::indexed_pipeline<std::remove_cvref_t<Other>> || lasting_range<Other>
auto zip(Other&& other) {
    if constexpr (detail::pipeline<std::remove_cvref_t<Other>>) {
        using second = std::remove_cvref_t<Other>;
        auto make = [b = second(std::forward<Other>(other))]<detail::indexed_pipeline P>(P base
                    ) mutable {
            return detail::zip_stage<P, second>(std::move(base), std::move(b));
        };
        return detail::pipeline_step{std::move(make)};
    } else {
        return parallel::zip(parallel::from(other));
    }
}

/// A stage: a `std::pair` of its place and each item. It too comes before a `filter`.
inline auto enumerate() {
    return detail::pipeline_step{[]<detail::indexed_pipeline P>(P base) {
        return detail::enumerate_stage<P>(std::move(base));
    }};
}

}  // namespace amphi::parallel
