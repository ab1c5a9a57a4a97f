// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/scheduler.hpp>

#include <cstddef>

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
    constexpr threads_executor() noexcept = default;

    /// For tasks that are spawned there: each on a new thread with a stack of so many bytes.
    [[nodiscard]] constexpr threads_executor stack(std::size_t bytes) const noexcept {
        threads_executor with = *this;
        with.stack_bytes_ = bytes;
        return with;
    }
    /// For tasks that are spawned there: their name, and the name of their threads, cut to 15
    /// bytes. The text is not copied: give a literal.
    [[nodiscard]] constexpr threads_executor name(const char* text) const noexcept {
        threads_executor with = *this;
        with.name_ = text;
        return with;
    }

    [[nodiscard]] constexpr std::size_t stack_bytes() const noexcept { return stack_bytes_; }
    [[nodiscard]] constexpr const char* name() const noexcept { return name_; }

    /// `stack` and `name` are for `spawn_on` and `on`: they are not part of the executor.
    // NOLINTNEXTLINE(google-explicit-constructor): an executor is an executor
    constexpr operator executor() const noexcept {
        return executor([]() -> detail::scheduler* { return nullptr; });
    }

private:
    std::size_t stack_bytes_ = 0;
    const char* name_ = nullptr;
};

/// One plain OS thread a task: every `co_await` blocks in the system call, as in any threaded
/// program, and the native stack shows the callers. `threads.stack(256 * 1024).name("reader")` is
/// the same with a stack and a name for what is spawned there.
inline constexpr threads_executor threads;

}  // namespace amphi
