// SPDX-License-Identifier: BSL-1.0
#include "interrupt.hpp"

#include <amphi/base/error.hpp>

#include <array>
#include <cerrno>
#include <csignal>

#include <sys/signalfd.h>
#include <sys/time.h>
#include <unistd.h>

namespace amphi::fetch {

namespace {

constexpr std::array<int, 3> heeded{SIGINT, SIGTERM, SIGHUP};
// A run ends within 2 s of a signal; a file system that hangs is not waited for.
constexpr int grace_us = 1'800'000;

volatile std::sig_atomic_t code_at_once = 0;

void end_at_once(int) {
    ::_exit(code_at_once);
}

bool is_ignored(int signal) noexcept {
    struct sigaction current{};
    return ::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

sigset_t heeded_now() noexcept {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : heeded)
        if (!is_ignored(signal)) sigaddset(&set, signal);
    return set;
}

}  // namespace

interrupt::interrupt() {
    const sigset_t set = heeded_now();
    const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    if (error != 0) detail::throw_system_error(error, "block signals");
    fd_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd_) detail::throw_system_error(errno, "wait for signals");
}

void interrupt::take() noexcept {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) != sizeof info) return;
    signal_ = static_cast<int>(info.ssi_signo);
    code_at_once = exit_code_of(signal_);
    const sigset_t set = heeded_now();
    struct sigaction at_once{};
    at_once.sa_handler = end_at_once;
    for (const int signal : heeded)
        if (!is_ignored(signal)) ::sigaction(signal, &at_once, nullptr);
    ::sigaction(SIGALRM, &at_once, nullptr);
    // This thread lives at least until the run has ended.
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    itimerval timer{};
    timer.it_value.tv_sec = grace_us / 1'000'000;
    timer.it_value.tv_usec = grace_us % 1'000'000;
    ::setitimer(ITIMER_REAL, &timer, nullptr);
}

std::string_view interrupt::name() const noexcept {
    switch (signal_) {
    case SIGINT:
        return "SIGINT";
    case SIGTERM:
        return "SIGTERM";
    case SIGHUP:
        return "SIGHUP";
    default:
        return "";
    }
}

}  // namespace amphi::fetch
