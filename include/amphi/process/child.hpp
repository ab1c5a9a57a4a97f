// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/process/exit_status.hpp>
#include <amphi/process/pipe.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <memory>
#include <optional>

namespace amphi {

namespace detail {
class child_process;
}  // namespace detail

/// A process that a `command` has started. It does not outlive this object unless `detach` lets it:
/// a child that still runs is killed at the end of its scope, and leaves no zombie behind.
///
/// Threads: `kill`, `terminate` and `signal` from any, each stream in a task of its own; one waits
/// at a time. Move-only, sendable.
/// Cancellation: a wait that is cut short leaves the child running, and may be taken up again.
/// Lifetime: no operation may be in flight when it is moved, let go or destroyed. The destructor
/// kills, and waits for the end up to 10 ms; a process that takes longer, as one stuck in a dead
/// file system may, is waited for in the background. A fork of this process owns none of its
/// parent's children.
/// Errors: `std::system_error`, naming the program; the use of one moved from is EBADF.
class AMPHI_EXPORT child {
public:
    child(child&& other) noexcept;
    child& operator=(child&& other) noexcept;
    ~child();

    [[nodiscard]] int pid() const;

    // The ends of its streams that were set to `stdio::pipe`; the others are EBADF. A child that
    // reads all of its input waits for `input().close()`.
    [[nodiscard]] pipe_writer& input();
    [[nodiscard]] pipe_reader& output();
    [[nodiscard]] pipe_reader& error();

    /// Waits until it has ended and yields how, again and again. Fails with ECHILD when something
    /// else in this process has taken the answer, or SIGCHLD is ignored, so that there is none.
    [[nodiscard]] task<exit_status> wait();
    /// How it has ended, if it has.
    [[nodiscard]] std::optional<exit_status> try_wait();

    /// Waits until it has ended, as a branch of a select; `wait` then yields how.
    [[nodiscard("co_await it")]] detail::descriptor_ready ended() const noexcept {
        return readable(native_handle());
    }

    /// Sends it a signal; one that has ended gets none. SIGKILL and SIGTERM have names.
    void signal(int number) const;
    void kill() const;
    void terminate() const;

    /// Lets it run on, beyond this process too. It is waited for in the background.
    void detach() noexcept;

    /// Its pidfd, which stays the child's: readable when it has ended.
    [[nodiscard]] int native_handle() const noexcept;

private:
    friend class command;
    explicit child(std::unique_ptr<detail::child_process> process) noexcept;
    [[nodiscard]] detail::child_process& process() const;

    std::unique_ptr<detail::child_process> process_;
};

template <>
inline constexpr bool enable_sendable<child> = true;

}  // namespace amphi
