// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi::testing {

/// A program in a process of its own, with pipes for its three streams. Ends with the test at the
/// latest.
class program {
public:
    /// `prepare` runs in the child before the program: limits, signals.
    explicit program(std::vector<std::string> words, const std::function<void()>& prepare = {}) {
        std::array<std::array<int, 2>, 3> pipes{};
        for (auto& ends : pipes)
            EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        process_ = ::fork();
        if (process_ == 0) {
            ::dup2(pipes[0][0], STDIN_FILENO);
            ::dup2(pipes[1][1], STDOUT_FILENO);
            ::dup2(pipes[2][1], STDERR_FILENO);
            for (const int signal : {SIGINT, SIGTERM, SIGHUP})
                std::signal(signal, SIG_DFL);
            if (prepare) prepare();
            std::vector<char*> arguments;
            for (std::string& word : words)
                arguments.push_back(word.data());
            arguments.push_back(nullptr);
            ::execv(arguments[0], arguments.data());
            ::_exit(127);
        }
        input_.reset(pipes[0][1]);
        ::close(pipes[0][0]);
        for (const std::size_t stream : {1U, 2U}) {
            ::close(pipes[stream][1]);
            reader_[stream - 1] = std::thread([this, stream, from = pipes[stream][0]] {
                read_all(stream - 1, from);
            });
        }
    }
    program(const program&) = delete;
    program& operator=(const program&) = delete;
    ~program() {
        if (process_ > 0) ::kill(process_, SIGKILL);
        (void)wait();
    }

    void write(std::string_view text) const {
        EXPECT_EQ(
            ::write(input_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size())
        );
    }
    void close_input() { input_.reset(); }
    void signal(int number) const { ::kill(process_, number); }

    /// Waits for its end: its exit code, or minus the signal that ended it.
    int wait() {
        if (process_ > 0) {
            int status = 0;
            EXPECT_EQ(::waitpid(process_, &status, 0), process_);
            process_ = -1;
            for (std::thread& reader : reader_)
                reader.join();
            code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
        }
        return code_;
    }

    /// What it has written, after `wait`.
    [[nodiscard]] const std::string& output() const { return text_[0]; }
    [[nodiscard]] const std::string& errors() const { return text_[1]; }

private:
    void read_all(std::size_t stream, int fd) {
        const descriptor from(fd);
        std::array<char, 4096> bytes;
        for (;;) {
            const ssize_t count = ::read(fd, bytes.data(), bytes.size());
            if (count <= 0) return;
            text_[stream].append(bytes.data(), static_cast<std::size_t>(count));
        }
    }

    pid_t process_ = -1;
    int code_ = 0;
    descriptor input_;
    std::array<std::thread, 2> reader_;
    std::array<std::string, 2> text_;
};

}  // namespace amphi::testing
