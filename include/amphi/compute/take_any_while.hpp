// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/compute/pipeline_stage.hpp>

#include <atomic>
#include <cstddef>
#include <utility>

namespace amphi::detail {

/// Of one run of a pipeline: a copy, which is run for itself, begins anew.
class enough_flag {
public:
    enough_flag() noexcept = default;
    enough_flag(const enough_flag& /*other*/) noexcept : enough_flag() {}
    enough_flag& operator=(const enough_flag&) = delete;
    ~enough_flag() = default;

    void set() noexcept { enough_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool is_set() const noexcept { return enough_.load(std::memory_order_relaxed); }

private:
    // From false to true. relaxed: it publishes nothing; who sees it late has taken some more.
    atomic<bool> enough_{false};
};

template <pipeline Base, class F>
class take_any_while_stage : public stage_over<Base> {
public:
    using item = typename Base::item;
    using value = value_of<Base>;
    static constexpr bool indexed = false;

    take_any_while_stage(Base&& base, F&& goes_on)
        : stage_over<Base>(std::move(base))
        , goes_on_(std::move(goes_on)) {}

    [[nodiscard]] bool over() const { return enough_.is_set() || stage_over<Base>::over(); }

    template <class Sink>
    void run(std::size_t begin, std::size_t end, const Sink& sink) const {
        if (enough_.is_set()) return;
        this->base().run(begin, end, [&](item&& each) -> bool {
            if (enough_.is_set()) return false;
            if (goes_on_(each)) return sink(static_cast<item&&>(each));
            enough_.set();
            return false;
        });
    }

private:
    F goes_on_;
    mutable enough_flag enough_;
};

}  // namespace amphi::detail

namespace amphi::parallel {

/// A stage: items until f is false for one of them, wherever it stands; then all threads give up
/// soon. Which ones were taken until then differs from run to run.
template <class F>
auto take_any_while(F f) {
    return detail::pipeline_step{[f = std::move(f)]<class P>(P base) mutable {
        return detail::take_any_while_stage<P, F>(std::move(base), std::move(f));
    }};
}

}  // namespace amphi::parallel
