// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/pipeline_stage.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace amphi::detail {

template <pipeline Base, class F>
class transform_stage : public stage_over<Base> {
public:
    using item = std::invoke_result_t<const F&, typename Base::item>;
    static constexpr bool indexed = Base::indexed;

    transform_stage(Base&& base, F&& f) : stage_over<Base>(std::move(base)), f_(std::move(f)) {}

    [[nodiscard]] item at(std::size_t index) const
        requires Base::indexed
    {
        return f_(this->base().at(index));
    }
    template <class Sink>
    void run(std::size_t begin, std::size_t end, const Sink& sink) const {
        this->base().run(begin, end, [&](typename Base::item&& each) -> bool {
            return sink(f_(static_cast<typename Base::item&&>(each)));
        });
    }

private:
    F f_;
};

}  // namespace amphi::detail

namespace amphi::parallel {

/// A stage: f(item) in place of each item.
template <class F>
auto transform(F f) {
    return detail::pipeline_step{[f = std::move(f)]<class P>(P base) mutable {
        return detail::transform_stage<P, F>(std::move(base), std::move(f));
    }};
}

}  // namespace amphi::parallel
