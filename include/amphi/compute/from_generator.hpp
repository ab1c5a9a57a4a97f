// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace amphi::detail {

/// Elements that nobody can get at but one after the other: a batch is there for the stages, and
/// the next one is read meanwhile, on one thread at a time.
template <class G>
class generator_source {
public:
    using value = std::remove_cvref_t<decltype(*std::declval<std::invoke_result_t<G&>>())>;
    using item = value;
    static constexpr bool indexed = false;
    static constexpr bool batched = true;

    generator_source(G&& more, parallel::grain least) : more_(std::move(more)), least_(least) {}

    [[nodiscard]] std::size_t count() const noexcept { return batch_.size(); }
    [[nodiscard]] parallel::grain least() const noexcept { return least_; }
    [[nodiscard]] bool over() const noexcept { return false; }
    [[nodiscard]] generator_source& source() noexcept { return *this; }

    /// The next batch: small ones first, since what follows has to wait for them.
    void read() {
        next_.clear();
        while (!ended_ && next_.size() < size_) {
            auto one = more_();
            if (one)
                next_.push_back(*std::move(one));
            else
                ended_ = true;
        }
        const std::size_t size_max = least_.elements() > 1024 ? 4 * least_.elements() : 4096;
        if (size_ < size_max) size_ *= 2;
    }
    /// To the batch that was read. False: there is none.
    bool turn() noexcept {
        batch_.swap(next_);
        return !batch_.empty();
    }

    template <class Sink>
    void run(std::size_t begin, std::size_t end, const Sink& sink) const {
        for (std::size_t i = begin; i < end; ++i)
            if (!sink(std::move(batch_[i]))) return;
    }

private:
    G more_;
    parallel::grain least_;
    // Each element is given away once.
    mutable std::vector<value> batch_;
    std::vector<value> next_;
    std::size_t size_ = 64;
    bool ended_ = false;
};

template <class G>
concept generator = requires(G& more) {
    static_cast<bool>(more());
    *more();
};

}  // namespace amphi::detail

namespace amphi::parallel {

/// A pipeline over what `more()` gives, a `std::optional` or a pointer, until it is empty. It is
/// called by one thread at a time, not always the same one, while others work on what came before;
/// the order is kept. At most some thousands are read ahead. Such a pipeline can be run once.
template <detail::generator G>
auto from_generator(G more, grain least = grain()) {
    return detail::generator_source<G>(std::move(more), least);
}

/// A pipeline over what an iterator can read once, as from a stream.
template <std::input_iterator I, std::sentinel_for<I> End>
    requires(!std::forward_iterator<I>)
auto from(I first, End last, grain least = grain()) {
    auto more = [at = std::move(first), end = std::move(last)]() mutable {
        std::optional<std::iter_value_t<I>> one;
        if (at != end) {
            one.emplace(*at);
            ++at;
        }
        return one;
    };
    return parallel::from_generator(std::move(more), least);
}

}  // namespace amphi::parallel
