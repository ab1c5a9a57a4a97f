// SPDX-License-Identifier: BSL-1.0
#include "launch.hpp"

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/base/sanitizer.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// The child has its parent's memory until its program runs. A sanitizer's notes on what it does
// would be entered, and left open, in the parent's books.
#if defined(__clang__)
#define AMPHI_IN_CHILD __attribute__((disable_sanitizer_instrumentation))
#else
#define AMPHI_IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined")))
#endif

// The thread sanitizer's own clone(2) takes every child for one with a memory of its own.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the C library's name
extern "C" int __clone(int (*)(void*), void*, int, void*, ...) noexcept;

namespace amphi::detail {

namespace {

// Why clone(2) in this shape: the child borrows the parent's memory, while the calling thread
// sleeps, until it runs the program (CLONE_VM, CLONE_VFORK). So nothing is copied, however large
// this process is, what fails in the child is written where the parent reads it, and no handler
// of a fork runs. The pidfd is made with the child (CLONE_PIDFD): whoever waits for it cannot meet
// another process that has got its number, and it is in no other child. posix_spawn would do the
// same, but gives a pidfd only from glibc 2.39 on, and does not tell which step has failed.
//
// The rule for what runs in the child: system calls, by syscall(2), and nothing else. Its other
// threads go on in the same memory, so a lock may be held for ever, and handlers must not run.

enum class step : unsigned char { streams, folder, program };

/// What the child reads, and where it leaves word.
class launch_state {
public:
    const char* const* paths;
    char* const* words;
    char* const* environment;
    const char* folder;
    int stdio[3];
    bool error_to_output;
    bool new_group;
    const int* passed;  ///< in ascending order, all above 2
    std::size_t passed_count;

    int error;  ///< an errno; zero when the program runs
    step failed;
};

/// As rt_sigaction(2) takes it, of which only the first member matters here.
class kernel_sigaction {
public:
    unsigned long handler;
    unsigned long rest[7];
};

constexpr unsigned long kernel_sigset_size = 8;
constexpr unsigned descriptor_max = ~0U;

AMPHI_IN_CHILD bool fail(launch_state& state, step at) noexcept {
    state.error = errno;
    state.failed = at;
    return false;
}

/// No handler of the parent runs from here on. What it ignores stays ignored, but for SIGPIPE,
/// which a program expects to end it, and a library's user may ignore for the library's sake.
AMPHI_IN_CHILD void reset_signals() noexcept {
    for (int number = 1; number <= 64; ++number) {
        kernel_sigaction now{};
        if (::syscall(SYS_rt_sigaction, number, nullptr, &now, kernel_sigset_size) != 0) continue;
        constexpr unsigned long by_default = 0;
        constexpr unsigned long ignored = 1;
        if (now.handler == by_default || (now.handler == ignored && number != SIGPIPE)) continue;
        kernel_sigaction reset{};
        ::syscall(SYS_rt_sigaction, number, &reset, nullptr, kernel_sigset_size);
    }
    const std::uint64_t none = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kernel_sigset_size);
}

AMPHI_IN_CHILD bool set_streams(launch_state& state) noexcept {
    // Out of the way first: one's source may be another's place.
    for (int place = 0; place < 3; ++place) {
        int& source = state.stdio[place];
        if (source < 0 || source > 2 || source == place) continue;
        source = static_cast<int>(::syscall(SYS_fcntl, source, F_DUPFD_CLOEXEC, 3));
        if (source < 0) return fail(state, step::streams);
    }
    for (int place = 0; place < 3; ++place) {
        const int source = state.stdio[place];
        if (source < 0) continue;
        const long done = source == place ? ::syscall(SYS_fcntl, place, F_SETFD, 0)
                                          : ::syscall(SYS_dup3, source, place, 0);
        if (done < 0) return fail(state, step::streams);
    }
    if (state.error_to_output && ::syscall(SYS_dup3, STDOUT_FILENO, STDERR_FILENO, 0) < 0)
        return fail(state, step::streams);
    return true;
}

AMPHI_IN_CHILD void close_from(unsigned first, unsigned last) noexcept {
    if (first > last || ::syscall(SYS_close_range, first, last, 0) == 0) return;
    // Linux before 5.9. What this library opens is not inherited anyway.
    constexpr unsigned enough = 65'536;
    for (unsigned fd = first; fd <= last && fd < enough; ++fd)
        ::syscall(SYS_close, fd);
}

AMPHI_IN_CHILD bool close_the_others(launch_state& state) noexcept {
    unsigned first = 3;
    for (std::size_t i = 0; i < state.passed_count; ++i) {
        const auto kept = static_cast<unsigned>(state.passed[i]);
        if (::syscall(SYS_fcntl, kept, F_SETFD, 0) < 0) return fail(state, step::streams);
        close_from(first, kept - 1);
        first = kept + 1;
    }
    close_from(first, descriptor_max);
    return true;
}

/// As execvp(3): goes on where there is no such file, and prefers to say that one was forbidden.
AMPHI_IN_CHILD void run_program(launch_state& state) noexcept {
    int error = ENOENT;
    for (const char* const* path = state.paths; *path != nullptr; ++path) {
        ::syscall(SYS_execve, *path, state.words, state.environment);
        if (errno == EACCES) error = EACCES;
        if (errno == EACCES || errno == ENOENT || errno == ENOTDIR) continue;
        error = errno;
        break;
    }
    errno = error;
    fail(state, step::program);
}

AMPHI_IN_CHILD int run_child(void* argument) noexcept {
    launch_state& state = *static_cast<launch_state*>(argument);
    reset_signals();
    if (state.new_group) ::syscall(SYS_setpgid, 0, 0);
    if (set_streams(state) && close_the_others(state)) {
        if (state.folder == nullptr || ::syscall(SYS_chdir, state.folder) == 0)
            run_program(state);
        else
            fail(state, step::folder);
    }
    for (;;)
        ::syscall(SYS_exit_group, 127);
}

/// No signal reaches this thread meanwhile, nor the child before its handlers are reset.
class signals_blocked {
public:
    signals_blocked() noexcept {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

/// Their addresses, and a null behind them. execve(2) changes none of the texts.
template <class Pointer>
std::vector<Pointer> pointers_to(const std::vector<std::string>& texts) {
    std::vector<Pointer> pointers;
    pointers.reserve(texts.size() + 1);
    for (const std::string& text : texts)
        pointers.push_back(const_cast<Pointer>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

/// Runs `run_child` until its program runs or it has given up.
int clone_child(launch_state& state, int& process) {
    constexpr std::size_t stack_size = std::size_t{64} * 1024;
    constexpr std::size_t alignment = 16;
    const auto stack = std::make_unique_for_overwrite<std::byte[]>(stack_size);
    auto* const top = stack.get() + (stack_size - alignment) / alignment * alignment;
    constexpr int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    const signals_blocked quiet;
    if constexpr (thread_sanitized)
        return ::__clone(run_child, top, flags, &state, &process);
    else
        return ::clone(run_child, top, flags, &state, &process);
}

[[noreturn]] void throw_failed(const launch_plan& plan, const launch_state& state) {
    switch (state.failed) {
    case step::streams:
        throw_system_error(state.error, "set the streams of", plan.program);
    case step::folder:
        throw_system_error(state.error, "start", plan.program + " in the folder " + plan.folder);
    case step::program:
        break;
    }
    throw_system_error(state.error, "start", plan.program);
}

}  // namespace

launched launch(const launch_plan& plan) {
    const auto paths = pointers_to<const char*>(plan.paths);
    const auto words = pointers_to<char*>(plan.words);
    const auto environment = pointers_to<char*>(plan.environment);
    std::vector<int> passed = plan.passed;
    std::sort(passed.begin(), passed.end());
    passed.erase(std::unique(passed.begin(), passed.end()), passed.end());
    passed.erase(passed.begin(), std::upper_bound(passed.begin(), passed.end(), 2));

    launch_state state{};
    state.paths = paths.data();
    state.words = words.data();
    state.environment = environment.data();
    state.folder = plan.folder.empty() ? nullptr : plan.folder.c_str();
    std::copy(plan.stdio.begin(), plan.stdio.end(), state.stdio);
    state.error_to_output = plan.error_to_output;
    state.new_group = plan.new_group;
    state.passed = passed.data();
    state.passed_count = passed.size();

    int process = -1;
    launched made;
    made.pid = clone_child(state, process);
    if (made.pid < 0)
        throw_system_error(
            errno, "start (check `ulimit -u` and the cgroup's pids.max)", plan.program
        );
    made.process.reset(process);
    if (state.error == 0) return made;
    // It has left word, and ends without anything to wait for.
    siginfo_t ended{};
    while (::waitid(P_PIDFD, static_cast<id_t>(process), &ended, WEXITED) != 0 && errno == EINTR) {
    }
    throw_failed(plan, state);
}

}  // namespace amphi::detail
