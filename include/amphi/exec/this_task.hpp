// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>

namespace amphi::this_task {

/// Whether the task that runs on this thread should stop: it was asked to, or its deadline has
/// passed. False outside of tasks. For loops that compute; an await sees it by itself.
[[nodiscard]] AMPHI_EXPORT bool stop_requested() noexcept;

/// The nearest deadline around the code that runs now; `never` without one.
[[nodiscard]] AMPHI_EXPORT time_point deadline() noexcept;

}  // namespace amphi::this_task
