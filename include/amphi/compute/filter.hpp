// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/pipeline_stage.hpp>

#include <cstddef>
#include <utility>

namespace amphi::detail {

template <pipeline Base, class F>
class filter_stage : public stage_over<Base> {
public:
    using item = typename Base::item;
    using value = value_of<Base>;
    static constexpr bool indexed = false;

    filter_stage(Base&& base, F&& wanted)
        : stage_over<Base>(std::move(base))
        , wanted_(std::move(wanted)) {}

    template <class Sink>
    void run(std::size_t begin, std::size_t end, const Sink& sink) const {
        this->base().run(begin, end, [&](item&& each) -> bool {
            if (!wanted_(each)) return true;
            return sink(static_cast<item&&>(each));
        });
    }

private:
    F wanted_;
};

}  // namespace amphi::detail

namespace amphi::parallel {

/// A stage: only the items for which f is true.
template <class F>
auto filter(F f) {
    return detail::pipeline_step{[f = std::move(f)]<class P>(P base) mutable {
        return detail::filter_stage<P, F>(std::move(base), std::move(f));
    }};
}

}  // namespace amphi::parallel
