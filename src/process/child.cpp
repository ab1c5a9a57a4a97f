// SPDX-License-Identifier: BSL-1.0
#include <amphi/process/child.hpp>

#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/base/fork.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/process/exit_status.hpp>
#include <amphi/process/pipe.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>

#include "child_process.hpp"
#include "launch.hpp"
#include "reaper.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi {

namespace detail {

namespace {

constexpr auto patience = std::chrono::milliseconds(10);

exit_status status_of(const siginfo_t& ended) noexcept {
    if (ended.si_code == CLD_EXITED) return exit_status::exited(ended.si_status);
    return exit_status::killed(ended.si_status, ended.si_code == CLD_DUMPED);
}

/// False, and errno, when it got none.
bool send_signal(const launched& to, int number) noexcept {
    if (::syscall(SYS_pidfd_send_signal, to.process.get(), number, nullptr, 0) == 0) return true;
    // Where the call is not allowed, or not known, as to valgrind: the number is its own until it
    // is waited for.
    return errno == ENOSYS && ::kill(to.pid, number) == 0;
}

/// Waits for its end, but not for ever.
void wait_a_little(int process) noexcept {
    const time_point until = clock::now() + patience;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
        pollfd watched{process, POLLIN, 0};
        const int timeout = left > 0 ? static_cast<int>(left) : 0;
        if (::poll(&watched, 1, timeout) >= 0 || errno != EINTR || timeout == 0) return;
    }
}

}  // namespace

child_process::child_process(std::string name)
    : program(std::move(name))
    , fork_(fork_generation()) {}

// A process that was killed ends as soon as the kernel gets round to it, mostly in less than a
// millisecond, and its parent then is to ask for it, or it stays as a zombie. That it ends at all
// is not certain: inside the kernel it may hang in a dead file system, or be frozen. So the time
// that this waits is bounded, and what takes longer is left to a thread that may wait for ever,
// since the end of this process does not wait for it; then init takes over.
child_process::~child_process() {
    if (!own.process || !is_waited_for_ || status_ || !is_ours()) return;
    (void)send_signal(own, SIGKILL);
    wait_a_little(own.process.get());
    let_run_on();
}

bool child_process::is_ours() const noexcept {
    return fork_ == fork_generation();
}

void child_process::let_run_on() noexcept {
    is_waited_for_ = false;
    if (status_ || !is_ours()) return;
    siginfo_t ended{};
    const auto id = static_cast<id_t>(own.process.get());
    const bool is_over = ::waitid(P_PIDFD, id, &ended, WEXITED | WNOHANG) != 0 || ended.si_pid != 0;
    readiness.reset();
    if (!is_over) reap_later(std::move(own.process));
}

const std::optional<exit_status>& child_process::ask() {
    if (status_) return status_;
    siginfo_t ended{};
    const auto id = static_cast<id_t>(own.process.get());
    while (::waitid(P_PIDFD, id, &ended, WEXITED | WNOHANG) != 0) {
        if (errno == ECHILD)
            throw_system_error(
                errno, "wait (is SIGCHLD ignored, or answered elsewhere?) for", program
            );
        if (errno != EINTR) throw_system_error(errno, "wait for", program);
    }
    if (ended.si_pid != 0) status_ = status_of(ended);
    return status_;
}

void child_process::send(int signal) const {
    if (!send_signal(own, signal) && errno != ESRCH)
        throw_system_error(errno, "send a signal to", program);
}

}  // namespace detail

namespace {

template <class End>
End& piped(std::optional<End>& end, const detail::child_process& of) {
    if (!end) detail::throw_system_error(EBADF, "use a stream, which is no pipe, of", of.program);
    return *end;
}

}  // namespace

child::child(std::unique_ptr<detail::child_process> process) noexcept
    : process_(std::move(process)) {}
child::child(child&& other) noexcept = default;
child& child::operator=(child&& other) noexcept = default;
child::~child() = default;

detail::child_process& child::process() const {
    if (!process_) detail::throw_system_error(EBADF, "use a child process that was let go");
    return *process_;
}

int child::pid() const {
    return process().own.pid;
}

pipe_writer& child::input() {
    return piped(process().input, process());
}

pipe_reader& child::output() {
    return piped(process().output, process());
}

pipe_reader& child::error() {
    return piped(process().error, process());
}

task<exit_status> child::wait() {
    detail::child_process& of = process();
    detail::checkpoint begun;
    co_await begun;
    for (;;) {
        if (const std::optional<exit_status>& status = of.ask()) co_return *status;
        detail::ready_operation ready(*of.readiness, of.own.process.get(), detail::direction::read);
        co_await ready;
        if (const std::optional<exit_status>& status = of.ask()) co_return *status;
        // It has ended, and a debugger has yet to be told: only then is its parent.
        co_await sleep_for(detail::patience);
    }
}

std::optional<exit_status> child::try_wait() {
    return process().ask();
}

void child::signal(int number) const {
    process().send(number);
}

void child::kill() const {
    signal(SIGKILL);
}

void child::terminate() const {
    signal(SIGTERM);
}

void child::detach() noexcept {
    if (process_) process_->let_run_on();
    process_.reset();
}

int child::native_handle() const noexcept {
    return process_ ? process_->own.process.get() : -1;
}

}  // namespace amphi
