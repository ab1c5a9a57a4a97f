// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/splitter.hpp>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace amphi::detail {

// A pipeline is a value: its source, inside of a stage, inside of a stage. Nothing happens before
// an end asks it. Then run(begin, end, sink) calls the sink with what comes out of a part of the
// source, in order, until the sink says false: one loop, whatever the number of stages. A pipeline
// that is `indexed` gives one item an element, and has at(index) too.

template <class P>
concept pipeline = requires(P& p, const P& same) {
    typename P::item;  // what a sink is called with: a reference, or a value of its own
    { P::indexed } -> std::convertible_to<bool>;
    { P::batched } -> std::convertible_to<bool>;  // the source's elements come in batches
    { same.count() } -> std::same_as<std::size_t>;
    { same.least() } -> std::same_as<parallel::grain>;
    { same.over() } -> std::same_as<bool>;  // nobody wants more
    p.source();
};

template <class P>
concept indexed_pipeline = pipeline<P> && P::indexed;

/// What can be kept of a T: no reference, and nothing that only stands for an element.
template <class T>
struct kept_of {
    using type = T;
};
template <class T>
    requires(!std::same_as<T, std::remove_cvref_t<T>>)
struct kept_of<T> : kept_of<std::remove_cvref_t<T>> {};
template <class A, class B>
struct kept_of<std::pair<A, B>> {
    using type = std::pair<typename kept_of<A>::type, typename kept_of<B>::type>;
};
template <class... Ts>
struct kept_of<std::tuple<Ts...>> {
    using type = std::tuple<typename kept_of<Ts>::type...>;
};
template <>
struct kept_of<std::vector<bool>::reference> {
    using type = bool;
};

/// The value type of an iterator, also of one that is only good for a loop.
template <class I>
struct value_behind {
    using type = std::remove_cvref_t<decltype(*std::declval<I&>())>;
};
template <class I>
    requires requires { typename std::iter_value_t<I>; }
struct value_behind<I> {
    using type = std::iter_value_t<I>;
};

/// What an end keeps of an item. A pipeline whose items may be proxies says it: `value`.
template <class P>
struct value_of_pipeline : kept_of<typename P::item> {};
template <class P>
    requires requires { typename P::value; }
struct value_of_pipeline<P> : kept_of<typename P::value> {};

template <class P>
using value_of = typename value_of_pipeline<P>::type;

/// What most stages have in common.
template <pipeline Base>
class stage_over {
public:
    static constexpr bool batched = Base::batched;

    explicit stage_over(Base&& base) : base_(std::move(base)) {}

    [[nodiscard]] std::size_t count() const { return base_.count(); }
    [[nodiscard]] parallel::grain least() const { return base_.least(); }
    [[nodiscard]] bool over() const { return base_.over(); }
    [[nodiscard]] auto& source() { return base_.source(); }

protected:
    [[nodiscard]] const Base& base() const noexcept { return base_; }

private:
    Base base_;
};

/// What stands to the right of a `|`: make(pipeline) gives another one, or what comes out.
template <class Make>
struct pipeline_step {
    Make make;
};
template <class Make>
pipeline_step(Make) -> pipeline_step<Make>;

template <class P, class Make>
    requires pipeline<std::remove_cvref_t<P>>
auto operator|(P&& from, pipeline_step<Make> step) {
    // One of its own: an end may run it.
    return step.make(std::remove_cvref_t<P>(std::forward<P>(from)));
}

/// Runs leaf(begin, end) for parts of the source, and combine(left, right) of what they gave, in
/// their order. The next batch of a source that has batches is read meanwhile.
template <pipeline P, class Leaf, class Combine>
auto drive(P& p, const Leaf& leaf, const Combine& combine) {
    using result = std::invoke_result_t<const Leaf&, std::size_t, std::size_t>;
    return on_threads([&](std::size_t threads) -> result {
        const auto all_there = [&](bool) -> result {
            const splitter splits(threads, p.least());
            return split_and_combine(0, p.count(), splits, false, leaf, combine);
        };
        if constexpr (P::batched) {
            auto& source = p.source();
            source.read();
            source.turn();
            const auto read = [&source](bool) { source.read(); };
            std::optional<result> sum;
            do {
                auto both = fork_here(all_there, read);
                if (sum) {
                    result more = combine(std::move(*sum), std::move(both.first));
                    sum.emplace(std::move(more));
                } else {
                    sum.emplace(std::move(both.first));
                }
            } while (!p.over() && source.turn());
            return std::move(*sum);
        } else {
            return all_there(false);
        }
    });
}

}  // namespace amphi::detail
