// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/stop.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace amphi {

/// Tells other threads whether the code that it was taken in should stop: for a third party's
/// thread that computes for a task, and looks now and then. A task itself, also one on another
/// executor, asks `this_task::stop_requested`.
///
/// Threads: any. Lifetime: until the innermost scope, timeout or task that it was taken in ends.
/// Cost: a pointer; asking is a load, with a deadline also a clock read.
class stop_token {
public:
    /// One that never says so.
    stop_token() noexcept = default;
    explicit stop_token(const detail::context& taken_in) noexcept : where_(&taken_in) {}

    [[nodiscard]] bool stop_requested() const noexcept {
        return where_ != nullptr && detail::stop_requested(*where_);
    }

private:
    const detail::context* where_ = nullptr;
};

}  // namespace amphi

namespace amphi::this_task {

/// Whether the task that runs on this thread should stop: it was asked to, or its deadline has
/// passed. False outside of tasks. For loops that compute; an await sees it by itself.
[[nodiscard]] AMPHI_EXPORT bool stop_requested() noexcept;

/// The same for other threads to ask. One that never says so outside of tasks.
[[nodiscard]] AMPHI_EXPORT amphi::stop_token stop_token() noexcept;

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
