// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/pipeline_stage.hpp>

#include <cstddef>
#include <iterator>
#include <span>
#include <type_traits>
#include <utility>

namespace amphi::detail {

template <pipeline Base, class F>
class flat_map_stage : public stage_over<Base> {
    using range = std::invoke_result_t<const F&, typename Base::item>;
    using element = decltype(*std::begin(std::declval<std::remove_reference_t<range>&>()));
    using iterator = decltype(std::begin(std::declval<std::remove_reference_t<range>&>()));
    static constexpr bool owned = !std::is_reference_v<range> &&
                                  !std::ranges::enable_borrowed_range<range> &&
                                  !std::ranges::enable_view<range>;
    // Of a range that f has made the elements may be moved away; of a view they are another's.
    static constexpr bool moved = owned && std::is_lvalue_reference_v<element> &&
                                  !std::is_const_v<std::remove_reference_t<element>>;

public:
    using value = typename value_behind<iterator>::type;

private:
    // What only stands for an element, as of a vector<bool>, must not outlive the range.
    static constexpr bool proxy =
        owned && !std::is_reference_v<element> && !std::is_same_v<std::remove_cv_t<element>, value>;

public:
    using item = std::conditional_t<
        proxy,
        value,
        std::conditional_t<moved, std::remove_cvref_t<element>, element>>;
    static constexpr bool indexed = false;

    flat_map_stage(Base&& base, F&& f) : stage_over<Base>(std::move(base)), f_(std::move(f)) {}

    template <class Sink>
    void run(std::size_t begin, std::size_t end, const Sink& sink) const {
        this->base().run(begin, end, [&](typename Base::item&& each) -> bool {
            range inner = f_(static_cast<typename Base::item&&>(each));
            for (auto&& one : inner) {
                if constexpr (moved) {
                    if (!sink(std::move(one))) return false;
                } else if constexpr (proxy) {
                    if (!sink(static_cast<value>(static_cast<element&&>(one)))) return false;
                } else {
                    if (!sink(static_cast<element&&>(one))) return false;
                }
            }
            return true;
        });
    }

private:
    F f_;
};

}  // namespace amphi::detail

namespace amphi::parallel {

/// A stage: in place of each item the elements of f(item), a range, which is gone through by the
/// thread that has made it.
template <class F>
auto flat_map(F f) {
    return detail::pipeline_step{[f = std::move(f)]<class P>(P base) mutable {
        return detail::flat_map_stage<P, F>(std::move(base), std::move(f));
    }};
}

}  // namespace amphi::parallel
