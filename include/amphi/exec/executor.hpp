// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/scheduler.hpp>

namespace amphi {

/// Where a spawned task runs. A value, cheap to copy: `threads`, `async`, or a `runtime` of your
/// own.
///
/// Threads: any. Lifetime: an executor of a `runtime` must not be used after the runtime's end.
class executor {
public:
    /// For implementers: `asked` gives the scheduler to use, null for the plain threads. It is
    /// asked at each use, so that nothing is started before it is needed.
    using home_function = detail::scheduler* (*)();
    explicit constexpr executor(home_function asked) noexcept : home_(asked) {}
    explicit constexpr executor(detail::scheduler& scheduler) noexcept : scheduler_(&scheduler) {}

    [[nodiscard]] detail::scheduler* home() const {
        return home_ != nullptr ? home_() : scheduler_;
    }

private:
    home_function home_ = nullptr;
    detail::scheduler* scheduler_ = nullptr;
};

/// The type of `threads`, so that a verb can tell it apart when it compiles.
class threads_executor {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): an executor is an executor
    constexpr operator executor() const noexcept {
        return executor([]() -> detail::scheduler* { return nullptr; });
    }
};

/// One plain OS thread a task: every `co_await` blocks in the system call, as in any threaded
/// program, and the native stack shows the callers.
inline constexpr threads_executor threads;

}  // namespace amphi
