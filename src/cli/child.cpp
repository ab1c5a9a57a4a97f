// SPDX-License-Identifier: BSL-1.0
#include "child.hpp"

#include <amphi/base/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi::cli {

namespace {

constexpr int sample_interval_ms = 5;
constexpr int exit_not_started = 127;

std::chrono::nanoseconds from_timeval(const timeval& time) noexcept {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

/// How many threads a process has now; zero when it has ended.
unsigned threads_of(int pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/status";
    const descriptor status(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 4096> buffer{};
    const ssize_t size = status ? read(status.get(), buffer.data(), buffer.size()) : 0;
    const std::string_view text(
        buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))
    );
    constexpr std::string_view label = "\nThreads:\t";
    const std::size_t at = text.find(label);
    unsigned count = 0;
    if (at != std::string_view::npos)
        std::from_chars(text.data() + at + label.size(), text.data() + text.size(), count);
    return count;
}

/// Signals that this process blocks, in order to wait for them, are no business of a program.
void unblock_signals() noexcept {
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

int exec_program(const std::vector<std::string>& arguments, const descriptor& output) {
    std::vector<char*> words;
    words.reserve(arguments.size() + 1);
    // execv changes none of them; its type is older than const.
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    unblock_signals();
    if (output) dup2(output.get(), STDOUT_FILENO);
    execv(words.front(), words.data());
    std::fprintf(stderr, "amphi: cannot start %s\n", words.front());
    return exit_not_started;
}

usage usage_of(int status, const rusage& used) noexcept {
    usage result;
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.cpu = from_timeval(used.ru_utime) + from_timeval(used.ru_stime);
    result.memory_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
    result.switches = static_cast<std::uint64_t>(used.ru_nvcsw + used.ru_nivcsw);
    return result;
}

}  // namespace

const char* interrupted::what() const noexcept {
    return "interrupted";
}

child::child(int pid, time_point started)
    : pid_(pid)
    , process_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)))
    , started_(started) {
    if (process_) return;
    const int error = errno;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    detail::throw_system_error(error, "cannot watch a process");
}

child::child(child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1))
    , process_(std::move(other.process_))
    , started_(other.started_) {}

child::~child() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

child child::run(const std::function<int()>& body) {
    // What is still in the buffer would be written by both.
    std::fflush(stdout);
    const int parent = getpid();
    const time_point started = clock::now();
    const int pid = fork();
    if (pid < 0) detail::throw_system_error(errno, "cannot start a process");
    if (pid > 0) return {pid, started};

    int result = exit_not_started;
    try {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        // The parent may have ended before it was watched.
        if (getppid() == parent) result = body();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "amphi: %s\n", error.what());
    }
    _exit(result);
}

child child::exec(const std::vector<std::string>& arguments, const descriptor& output) {
    return run([&arguments, &output] { return exec_program(arguments, output); });
}

usage child::wait(time_point deadline, int stop) {
    std::array<pollfd, 2> ends{{{process_.get(), POLLIN, 0}, {stop, POLLIN, 0}}};
    unsigned threads = 0;
    while (ends[0].revents == 0) {
        threads = std::max(threads, threads_of(pid_));
        if (poll(ends.data(), ends.size(), sample_interval_ms) < 0 && errno != EINTR)
            detail::throw_system_error(errno, "cannot wait for a process");
        if (ends[1].revents != 0) throw interrupted();
        if (clock::now() >= deadline) kill(pid_, SIGKILL);
    }
    int status = 0;
    rusage used{};
    const time_point ended = clock::now();
    wait4(std::exchange(pid_, -1), &status, 0, &used);
    usage result = usage_of(status, used);
    result.wall = ended - started_;
    result.threads = threads;
    return result;
}

void child::request_stop() const noexcept {
    kill(pid_, SIGTERM);
}

}  // namespace amphi::cli
