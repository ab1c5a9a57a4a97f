// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/from.hpp>
#include <amphi/compute/grain.hpp>
#include <amphi/compute/pipeline_stage.hpp>
#include <amphi/compute/random_access.hpp>

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace amphi::parallel {

/// Neighbours in a range: a range again.
template <class I>
class chunk {
public:
    chunk(I first, I last) : first_(std::move(first)), last_(std::move(last)) {}

    [[nodiscard]] const I& begin() const noexcept { return first_; }
    [[nodiscard]] const I& end() const noexcept { return last_; }
    [[nodiscard]] std::size_t size() const { return detail::distance_between(first_, last_); }
    [[nodiscard]] std::iter_reference_t<I> operator[](std::size_t index) const {
        return *detail::nth(first_, index);
    }

private:
    I first_;
    I last_;
};

}  // namespace amphi::parallel

/// It owns no elements.
template <class I>
// NOLINTNEXTLINE(misc-include-cleaner): <iterator> declares it, <ranges> is long
inline constexpr bool std::ranges::enable_borrowed_range<amphi::parallel::chunk<I>> = true;

namespace amphi::detail {

template <class P>
inline constexpr bool is_range_source = false;
template <class I>
inline constexpr bool is_range_source<range_source<I>> = true;

template <indexed_pipeline Base>
class chunks_stage : public stage_over<Base> {
    [[nodiscard]] static auto some(const Base& base, std::size_t begin, std::size_t end) {
        if constexpr (is_range_source<Base>) {
            return parallel::chunk(nth(base.first(), begin), nth(base.first(), end));
        } else {
            std::vector<value_of<Base>> items;
            items.reserve(end - begin);
            base.run(begin, end, [&](typename Base::item&& each) {
                items.emplace_back(static_cast<typename Base::item&&>(each));
                return true;
            });
            return items;
        }
    }

public:
    using item = decltype(some(std::declval<const Base&>(), 0, 0));
    static constexpr bool indexed = true;

    chunks_stage(Base&& base, std::size_t size)
        : stage_over<Base>(std::move(base))
        , size_(size == 0 ? 1 : size) {}

    [[nodiscard]] std::size_t count() const {
        const std::size_t elements = this->base().count();
        return elements / size_ + (elements % size_ == 0 ? 0 : 1);
    }
    [[nodiscard]] parallel::grain least() const {
        return parallel::grain(this->base().least().elements() / size_);
    }
    [[nodiscard]] item at(std::size_t index) const {
        const std::size_t begin = index * size_;
        const std::size_t left = this->base().count() - begin;
        return some(this->base(), begin, begin + (left < size_ ? left : size_));
    }
    template <class Sink>
    void run(std::size_t begin, std::size_t end, const Sink& sink) const {
        for (; begin < end; ++begin)
            if (!sink(at(begin))) return;
    }

private:
    std::size_t size_;
};

}  // namespace amphi::detail

namespace amphi::parallel {

/// A stage: runs of `size` neighbours, of which the last may be shorter. Right behind `from` they
/// are views of the range, `chunk`; behind other stages they are vectors of values, as `to_vector`
/// makes them. It comes before a `filter`.
inline auto chunks(std::size_t size) {
    return detail::pipeline_step{[size]<detail::indexed_pipeline P>(P base) {
        return detail::chunks_stage<P>(std::move(base), size);
    }};
}

}  // namespace amphi::parallel
