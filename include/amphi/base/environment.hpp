// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

namespace amphi::detail {

/// An environment variable, or null when it is unset or empty. Not while another thread changes the
/// environment.
[[nodiscard]] AMPHI_EXPORT const char* environment(const char* name) noexcept;

}  // namespace amphi::detail
