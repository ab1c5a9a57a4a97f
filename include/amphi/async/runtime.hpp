// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/async/spawn.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/join_handle.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/spawned.hpp>
#include <amphi/task/scheduler.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace amphi {

struct runtime_metrics;

/// How to make a `runtime`.
class runtime_options {
public:
    runtime_options() = default;

    /// How many workers at most; zero: as many as the process may use CPUs, or AMPHI_WORKERS.
    runtime_options& workers(std::size_t count) noexcept {
        workers_ = count;
        return *this;
    }
    /// The prefix of the threads' names.
    runtime_options& name(std::string prefix) {
        name_ = std::move(prefix);
        return *this;
    }

    /// What the workers wait in for I/O: epoll, uring (an error at the first I/O where the system
    /// refuses it) or auto (uring where the system allows it, else epoll); empty: AMPHI_DRIVER,
    /// else epoll. Making a runtime with an unknown one throws `std::invalid_argument`.
    runtime_options& driver(std::string chosen) {
        driver_ = std::move(chosen);
        return *this;
    }

    /// No threads: one worker, which is whoever calls `run`. That call ends when all tasks have,
    /// and what is spawned outside of one waits for the next, or for the runtime's end. Its driver
    /// is epoll, since a ring would belong to one thread.
    runtime_options& on_caller() noexcept {
        on_caller_ = true;
        return *this;
    }

    [[nodiscard]] std::size_t workers() const noexcept { return on_caller_ ? 1 : workers_; }
    [[nodiscard]] bool runs_on_caller() const noexcept { return on_caller_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& driver() const noexcept { return driver_; }

private:
    std::size_t workers_ = 0;
    bool on_caller_ = false;
    std::string name_ = "amphi";
    std::string driver_;
};

namespace detail {

class runtime_core;

[[nodiscard]] AMPHI_EXPORT scheduler* shared_runtime_home();
[[nodiscard]] AMPHI_EXPORT scheduler* default_home();

}  // namespace detail

/// The type of `async`.
class async_executor {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): an executor is an executor
    constexpr operator executor() const noexcept { return executor(detail::shared_runtime_home); }

    /// What the runtime has done (amphi/async/metrics.hpp). Threads: any.
    [[nodiscard]] AMPHI_EXPORT runtime_metrics metrics() const;
};

/// Tasks that suspend, on a few workers: one runtime that the whole program shares, made at its
/// first use. A worker's thread starts when there is something for it to do, its driver at its
/// first I/O. `AMPHI_WORKERS` and `AMPHI_DRIVER` (epoll, uring, auto) override what it finds; a bad
/// value throws `std::invalid_argument`.
inline constexpr async_executor async;

/// The type of `default_executor`.
class chosen_executor {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): an executor is an executor
    constexpr operator executor() const noexcept { return executor(detail::default_home); }
};

/// The executor that `AMPHI_ON` names, `threads` or `async`; without it `threads`. A bad value
/// throws `std::invalid_argument` at the first use.
inline constexpr chosen_executor default_executor;

/// An async executor of your own.
///
/// Threads: any. Lifetime: its destructor asks the tasks that are left to stop, waits for them and
/// joins the workers, so no task outlives it. On one of its own workers, and after a fork, it
/// cannot wait: a thread of its own does, or nobody, since the fork has no workers.
class AMPHI_EXPORT runtime {
public:
    explicit runtime(const runtime_options& options = {});
    runtime(const runtime&) = delete;
    runtime& operator=(const runtime&) = delete;
    ~runtime();

    // NOLINTNEXTLINE(google-explicit-constructor): an executor is an executor
    operator executor() const noexcept;

    /// As `amphi::run` on this runtime.
    template <class F, class... Args>
    detail::spawned_value<F, Args...> run(F f, Args&&... args) {
        return amphi::run(executor(*this), std::move(f), std::forward<Args>(args)...);
    }

    /// A daemon of this runtime: as `amphi::spawn_on`.
    template <class F, class... Args>
    detail::join_handle_of<F, Args...> spawn(F f, Args&&... args) {
        return amphi::spawn_on(executor(*this), std::move(f), std::forward<Args>(args)...);
    }

    /// What it has done (amphi/async/metrics.hpp). Threads: any.
    [[nodiscard]] runtime_metrics metrics() const;

    /// Asks the tasks that are left to stop and waits for them, at most until `deadline`. False
    /// when some are left. Inside one of its own tasks it does not wait.
    bool shutdown(time_point deadline) noexcept;

private:
    std::unique_ptr<detail::runtime_core> core_;
};

}  // namespace amphi
