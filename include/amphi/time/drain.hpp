// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/task/task.hpp>

namespace amphi {

/// Graceful shutdown, by the body of a scope: waits until none of its children is running, but no
/// longer than `patience`; then asks those that are left, and the body, to stop. Yields whether all
/// had ended by themselves.
///
///     co_await scope([](task_scope& jobs, tcp_listener& from) -> task<> {
///         co_await serve_until_told(jobs, from);
///         co_await drain(jobs, 10s);
///     }, listener);
///
/// Cancellation: the children were asked to stop already, and the scope joins them.
[[nodiscard("co_await the drain")]] AMPHI_EXPORT task<bool>
drain(task_scope& jobs, duration patience);

}  // namespace amphi
