// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "child.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace amphi::cli {

/// One row of the demo's table.
class measured {
public:
    std::string name;
    usage used;
    std::size_t verified = 0;  ///< files that are there and have the right sum
    std::size_t expected = 0;
    std::optional<std::chrono::nanoseconds> start_up;

    [[nodiscard]] bool all_right() const noexcept {
        return used.exit_code == 0 && verified == expected;
    }
};

/// The column heads, and a row below them.
[[nodiscard]] std::string heads();
[[nodiscard]] std::string row(const measured& run);

// The sentence that the figures of a round support. What differs by less than a quarter is called
// equal: so much, two runs of the same differ too.

[[nodiscard]] std::string sentence_of_few(const measured& threads, const measured& async);
[[nodiscard]] std::string sentence_of_thousands(const measured& threads, const measured& async);
[[nodiscard]] std::string
sentence_of_compute(const measured& one, const measured& many, const measured& async);

/// 3000 as "3,000".
[[nodiscard]] std::string grouped(std::uint64_t number);

}  // namespace amphi::cli
