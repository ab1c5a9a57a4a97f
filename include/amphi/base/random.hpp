// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <cstdint>

namespace amphi::detail {

/// A number for pauses and for fair choices, not for secrets: another sequence on each thread and
/// in each run.
[[nodiscard]] AMPHI_EXPORT std::uint32_t random_number() noexcept;

}  // namespace amphi::detail
