// SPDX-License-Identifier: BSL-1.0
#include "measure.hpp"

#include <amphi/base/clock.hpp>
#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>

#include "fetch/printable.hpp"
#include "figures.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi::compare {

namespace {

constexpr int sample_interval_ms = 5;
constexpr int exit_not_started = 127;
constexpr std::uint64_t page_noise = std::uint64_t{256} * 1024;

double seconds(const timeval& time) noexcept {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The number behind a label that begins a line.
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view label) {
    for (std::size_t at = text.find(label); at != std::string_view::npos;
         at = text.find(label, at + 1)) {
        if (at != 0 && text[at - 1] != '\n') continue;
        text.remove_prefix(at + label.size());
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
        std::uint64_t number = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
        return parsed.ec == std::errc() ? std::optional(number) : std::nullopt;
    }
    return std::nullopt;
}

void put_stream(const char* path, int flags, int stream) {
    const descriptor file(open(path, flags | O_CLOEXEC, 0600));
    if (!file || dup2(file.get(), stream) < 0) _exit(exit_not_started);
}

/// What the kernel calls the most memory of a process that never was another program: the figure of
/// the program that it becomes is never less.
std::uint64_t most_memory_so_far() noexcept {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
}

/// A number that a copy of this process leaves to this one.
class shared_number {
public:
    shared_number()
        : page_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (page_ == MAP_FAILED) detail::throw_system_error(errno, "cannot share memory");
    }
    shared_number(const shared_number&) = delete;
    shared_number& operator=(const shared_number&) = delete;
    ~shared_number() { munmap(page_, size); }

    void set(std::uint64_t number) const noexcept { std::memcpy(page_, &number, size); }
    /// When the copy has ended, or become a program.
    [[nodiscard]] std::uint64_t get() const noexcept {
        std::uint64_t number = 0;
        std::memcpy(&number, page_, size);
        return number;
    }

private:
    static constexpr std::size_t size = sizeof(std::uint64_t);
    void* page_;
};

/// In the copy of this process.
[[noreturn]] void become(const launch& what, const shared_number& memory_before) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    put_stream("/dev/null", O_RDONLY, STDIN_FILENO);
    put_stream(what.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, STDOUT_FILENO);
    dup2(STDOUT_FILENO, STDERR_FILENO);
    // NOLINTBEGIN(concurrency-mt-unsafe): this copy has one thread
    if (!what.on.empty()) setenv("AMPHI_ON", what.on.c_str(), 1);
    if (!what.out.empty()) setenv("AMPHI_OUT", what.out.c_str(), 1);
    // NOLINTEND(concurrency-mt-unsafe)
    std::vector<char*> words;
    words.reserve(what.words.size() + 1);
    // execvp changes none of them; its type is older than const.
    for (const std::string& word : what.words)
        words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
    memory_before.set(most_memory_so_far());
    execvp(words.front(), words.data());
    std::fprintf(
        stderr,
        "cannot start %s: %s\n",
        words.front(),
        std::error_code(errno, std::system_category()).message().c_str()
    );
    std::fflush(stderr);
    _exit(exit_not_started);
}

/// A process in a group of its own, killed with the group unless it was waited for.
class started {
public:
    explicit started(const launch& what) {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0)
            detail::throw_system_error(errno, "cannot make a pipe");
        became_.reset(ends[0]);
        // Held by the copy alone, until it becomes the program.
        const descriptor held(ends[1]);
        since_ = clock::now();
        pid_ = fork();
        if (pid_ < 0) detail::throw_system_error(errno, "cannot start a process");
        if (pid_ == 0) become(what, memory_before_);
        // Both do it, so that it has happened whichever is first.
        setpgid(pid_, pid_);
        end_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
        if (end_) return;
        const int error = errno;
        kill_and_wait();
        detail::throw_system_error(error, "cannot watch a process");
    }
    started(const started&) = delete;
    started& operator=(const started&) = delete;
    ~started() {
        if (pid_ > 0) kill_and_wait();
    }

    void watch(int stop) {
        std::array<pollfd, 3> ends{
            {{end_.get(), POLLIN, 0}, {stop, POLLIN, 0}, {became_.get(), POLLIN, 0}}
        };
        while (ends[0].revents == 0) {
            // Not at once: a program that has just begun says nothing of what it will need.
            if (ends[2].revents != 0)
                ends[2] = {-1, 0, 0};
            else if (ends[2].fd < 0)
                look();
            if (poll(ends.data(), ends.size(), sample_interval_ms) < 0 && errno != EINTR)
                detail::throw_system_error(errno, "cannot wait for a process");
            if (ends[1].revents != 0) throw interrupted();
        }
        ended_ = clock::now();
    }

    outcome finish() {
        // A process that has ended keeps its counts until it is waited for.
        const std::string moved = content_of("/proc/" + std::to_string(pid_) + "/io");
        kill(-pid_, SIGKILL);
        int status = 0;
        rusage used{};
        while (wait4(pid_, &status, 0, &used) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        outcome result;
        result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        const auto set = [&result](figure what, std::optional<double> value) {
            result.figures[static_cast<std::size_t>(what)] = value;
        };
        set(figure::wall, std::chrono::duration<double>(ended_ - since_).count());
        set(figure::user, seconds(used.ru_utime));
        set(figure::system, seconds(used.ru_stime));
        set(figure::cpu, seconds(used.ru_utime) + seconds(used.ru_stime));
        set(figure::voluntary, static_cast<double>(used.ru_nvcsw));
        set(figure::involuntary, static_cast<double>(used.ru_nivcsw));
        if (threads_ > 0) set(figure::threads, static_cast<double>(threads_));
        const std::uint64_t most = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
        if (most > memory_before_.get() + page_noise)
            set(figure::memory, static_cast<double>(most));
        else if (memory_ > 0)
            set(figure::memory, static_cast<double>(memory_));
        set_moved(moved, set);
        return result;
    }

private:
    void look() {
        const std::string status = content_of("/proc/" + std::to_string(pid_) + "/status");
        threads_ = std::max(threads_, number_after(status, "Threads:").value_or(0));
        // Of the memory that it has now, hence the last look counts, not the largest.
        if (const auto most = number_after(status, "VmHWM:")) memory_ = *most * 1024;
    }

    template <class Set>
    static void set_moved(const std::string& moved, const Set& set) {
        const auto in = number_after(moved, "rchar:");
        const auto out = number_after(moved, "wchar:");
        const auto reads = number_after(moved, "syscr:");
        const auto writes = number_after(moved, "syscw:");
        if (!in || !out || !reads || !writes) return;
        set(figure::read_bytes, static_cast<double>(*in));
        set(figure::write_bytes, static_cast<double>(*out));
        set(figure::calls, static_cast<double>(*reads + *writes));
    }

    void kill_and_wait() noexcept {
        kill(-pid_, SIGKILL);
        kill(pid_, SIGKILL);
        while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    time_point since_;
    time_point ended_;
    int pid_ = -1;
    descriptor end_;
    descriptor became_;  // ends when the copy has become the program
    shared_number memory_before_;
    std::uint64_t threads_ = 0;
    std::uint64_t memory_ = 0;
};

}  // namespace

outcome measure(const launch& what, int stop) {
    std::fflush(stdout);
    started program(what);
    program.watch(stop);
    return program.finish();
}

std::string end_of_log(const std::filesystem::path& log) {
    constexpr std::size_t most = 400;
    std::string text = content_of(log.string());
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    const bool is_cut = text.size() > most;
    if (is_cut) text.erase(0, text.size() - most);
    // Not from the middle of a character of UTF-8.
    while (is_cut && !text.empty() && (static_cast<unsigned char>(text.front()) & 0xc0U) == 0x80)
        text.erase(0, 1);
    std::string shown = is_cut ? "..." : "";
    for (std::string_view rest = text;;) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        shown += fetch::printable(rest.substr(0, end));
        if (end == rest.size()) return shown;
        shown += '\n';
        rest.remove_prefix(end + 1);
    }
}

}  // namespace amphi::compare
