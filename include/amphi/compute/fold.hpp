// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/pipeline_stage.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace amphi::detail {

template <pipeline Base, class Make, class F>
class fold_stage : public stage_over<Base> {
public:
    using item = std::remove_cvref_t<std::invoke_result_t<const Make&>>;
    static constexpr bool indexed = false;

    fold_stage(Base&& base, Make&& make, F&& f)
        : stage_over<Base>(std::move(base))
        , make_(std::move(make))
        , f_(std::move(f)) {}

    template <class Sink>
    void run(std::size_t begin, std::size_t end, const Sink& sink) const {
        item sum = make_();
        this->base().run(begin, end, [&](typename Base::item&& each) {
            sum = f_(std::move(sum), static_cast<typename Base::item&&>(each));
            return true;
        });
        sink(std::move(sum));
    }

private:
    Make make_;
    F f_;
};

}  // namespace amphi::detail

namespace amphi::parallel {

/// A stage: for each part that a thread goes through one item, which begins as make() and becomes
/// f(it, item) with each. How many parts there are differs from run to run; they come in order. An
/// empty source is one part, and so gives one item, make(). For sums of another type than the
/// items: a map of words, then a `reduce` that merges maps.
template <class Make, class F>
auto fold(Make make, F f) {
    return detail::pipeline_step{[make = std::move(make),
                                  f = std::move(f)]<class P>(P base) mutable {
        return detail::fold_stage<P, Make, F>(std::move(base), std::move(make), std::move(f));
    }};
}

}  // namespace amphi::parallel
