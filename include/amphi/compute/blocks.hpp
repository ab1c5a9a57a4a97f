// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/compute/grain.hpp>
#include <amphi/compute/splitter.hpp>

#include <cstddef>

namespace amphi::detail {

/// A range cut into parts of one size, for what goes over it twice and keeps something for each
/// part between. One part where there is one thread.
class blocks {
public:
    blocks(std::size_t count, std::size_t threads, parallel::grain least) noexcept
        : threads_(threads) {
        const std::size_t wanted = threads > 1 ? 8 * threads : 1;
        const std::size_t possible = count / least.elements();
        number_ = possible < wanted ? (possible == 0 ? 1 : possible) : wanted;
        each_ = count / number_;
        longer_ = count % number_;
    }

    [[nodiscard]] std::size_t number() const noexcept { return number_; }
    [[nodiscard]] std::size_t begin(std::size_t block) const noexcept {
        return block * each_ + (block < longer_ ? block : longer_);
    }
    [[nodiscard]] std::size_t end(std::size_t block) const noexcept { return begin(block + 1); }

    /// On a worker: f(block) for the first `some` blocks.
    template <class F>
    void for_first(std::size_t some, const F& f) const {
        const auto leaf = [&f](std::size_t from, std::size_t to) {
            for (std::size_t block = from; block < to; ++block)
                f(block);
        };
        split_range(0, some, splitter(threads_, parallel::grain()), false, leaf);
    }

private:
    std::size_t threads_;
    std::size_t number_;
    std::size_t each_;
    std::size_t longer_;  ///< so many of the first have one element more
};

}  // namespace amphi::detail
