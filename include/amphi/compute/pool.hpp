// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/compute/forked.hpp>
#include <amphi/task/scheduler.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace amphi {

/// How to make a `compute_pool`.
class compute_options {
public:
    /// What a thread runs before its first job, with its index.
    using start_hook = void (*)(std::size_t index);

    compute_options() = default;

    /// How many threads at most; zero: as many as the process may use CPUs, or
    /// AMPHI_COMPUTE_WORKERS.
    compute_options& workers(std::size_t count) noexcept {
        workers_ = count;
        return *this;
    }
    /// The prefix of the threads' names.
    compute_options& name(std::string prefix) {
        name_ = std::move(prefix);
        return *this;
    }
    /// The size of their stacks; zero: the system's default.
    compute_options& stack(std::size_t bytes) noexcept {
        stack_bytes_ = bytes;
        return *this;
    }
    /// Called on each thread as it starts. It must not throw.
    compute_options& on_start(start_hook hook) noexcept {
        on_start_ = hook;
        return *this;
    }

    [[nodiscard]] std::size_t workers() const noexcept { return workers_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::size_t stack_bytes() const noexcept { return stack_bytes_; }
    [[nodiscard]] start_hook on_start() const noexcept { return on_start_; }

private:
    std::size_t workers_ = 0;
    std::string name_ = "compute";
    std::size_t stack_bytes_ = 0;
    start_hook on_start_ = nullptr;
};

/// Threads that compute: jobs fork others, and whoever has nothing to do steals the oldest of
/// somebody else's. For work that waits for nothing but its own parts.
///
/// Threads: any. Lifetime: its threads start with the first job and end with it; every call into it
/// must have returned. A fork(2) has none of its threads and may not use it.
class AMPHI_EXPORT compute_pool {
public:
    /// Throws `std::invalid_argument` for a bad AMPHI_COMPUTE_WORKERS.
    explicit compute_pool(const compute_options& options = {});
    compute_pool(const compute_pool&) = delete;
    compute_pool& operator=(const compute_pool&) = delete;
    ~compute_pool();

    /// Calls f on one of its threads, where what it forks stays in this pool, and gives what it
    /// gave or threw. Blocks the caller, unless it is one of its threads already. Throws
    /// `would_block_worker` on an async worker (there `co_await on(pool, f, args...)`), and
    /// `std::system_error` when no thread can be started.
    template <class F>
    decltype(auto) run(F&& f) {
        return detail::run_in_pool(*core_, std::forward<F>(f));
    }

    [[nodiscard]] std::size_t workers() const noexcept;

    /// For the library's verbs.
    [[nodiscard]] detail::compute_core& core() const noexcept { return *core_; }
    [[nodiscard]] detail::scheduler* home() const noexcept;

private:
    std::unique_ptr<detail::compute_core> core_;
};

/// The type of `compute`.
class AMPHI_EXPORT compute_executor {
public:
    /// How many threads it has, or would have.
    [[nodiscard]] std::size_t workers() const;

    /// For the library's verbs.
    [[nodiscard]] static detail::scheduler* home();
};

/// The compute pool that the whole program shares, made at its first use: as many threads as the
/// process may use CPUs (affinity and cgroup quota), or AMPHI_COMPUTE_WORKERS. It runs plain
/// functions: `co_await on(compute, f, args...)`, `join`, `parallel::...`.
inline constexpr compute_executor compute;

}  // namespace amphi
