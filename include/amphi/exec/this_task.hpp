// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace amphi::this_task {

/// Whether the task that runs on this thread should stop: it was asked to, or its deadline has
/// passed. False outside of tasks. For loops that compute; an await sees it by itself.
[[nodiscard]] AMPHI_EXPORT bool stop_requested() noexcept;

/// The nearest deadline around the code that runs now; `never` without one.
[[nodiscard]] AMPHI_EXPORT time_point deadline() noexcept;

/// A number that no other spawned task of this process has, from 1; 0 outside of tasks.
[[nodiscard]] AMPHI_EXPORT std::uint64_t id();

/// The name of the task that runs now: what `set_name` gave it, else empty. Valid until the next
/// `set_name` or the task's end.
[[nodiscard]] AMPHI_EXPORT std::string_view name() noexcept;

/// Names the task that runs now; on a plain thread the thread too, cut to 15 bytes, until the task
/// ends. Throws `std::logic_error` outside of tasks.
AMPHI_EXPORT void set_name(std::string name);

}  // namespace amphi::this_task
