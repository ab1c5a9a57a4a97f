// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "random_files.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace amphi::cli {

/// On what the files of the demo are hashed.
enum class hashed_on : std::uint8_t { threads, one_worker };

/// Verifies the sum of every file where it was made, by `tasks` tasks that take one after the
/// other: the same task in each life. True when all are right.
[[nodiscard]] bool
verify_originals(std::span<const random_files* const> sets, hashed_on where, std::size_t tasks);

}  // namespace amphi::cli
