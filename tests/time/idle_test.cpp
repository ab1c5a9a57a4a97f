// SPDX-License-Identifier: BSL-1.0
// No wait wakes before its event, its deadline or its stop: an idle program makes no system call
// that ends by a time.
#include <amphi/base/descriptor.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/time/sleep.hpp>

#include "support/build.hpp"
#include "support/temp_folder.hpp"

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;

constexpr auto idle_time = 5s;

/// The calls of a log, in the order of their ends. strace splits a call during which another thread
/// makes one into a line for its begin and one for its end, each after the thread's number.
std::vector<std::string> calls_in(const std::string& log) {
    constexpr std::string_view unfinished = " <unfinished ...>";
    constexpr std::string_view resumed = " resumed>";
    std::map<std::string, std::string> begun;
    std::vector<std::string> calls;
    std::ifstream file(log);
    for (std::string line; std::getline(file, line);) {
        const std::string thread = line.substr(0, line.find(' '));
        const std::size_t end_of_begin = line.find(unfinished);
        const std::size_t begin_of_end = line.find(resumed);
        if (end_of_begin != std::string::npos)
            begun[thread] = line.substr(0, end_of_begin);
        else if (begin_of_end != std::string::npos)
            calls.push_back(begun[thread] + line.substr(begin_of_end + resumed.size()));
        else
            calls.push_back(line);
    }
    return calls;
}

/// Runs the program under strace, and lets it be idle for a while. Returns the calls that it made.
std::vector<std::string> traced_calls(const std::string& life) {
    const amphi::testing::temp_folder folder;
    const std::string log = folder.path() / "calls";
    int pipe_ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
    const amphi::descriptor to_read(pipe_ends[0]);
    amphi::descriptor to_write(pipe_ends[1]);

    const std::string program = AMPHI_IDLE_PROGRAM;
    std::vector<std::string> words{"strace", "-f", "-qq", "-o", log, program, life};
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, to_read.get(), STDIN_FILENO);
    pid_t child = -1;
    const int error =
        ::posix_spawnp(&child, "strace", &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    EXPECT_EQ(error, 0) << "strace is one of the packages that the tests need";
    if (error != 0) return {};

    amphi::wait(amphi::sleep_for(idle_time));
    to_write.reset();
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);

    return calls_in(log);
}

class idle : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(
    lives,
    idle,
    ::testing::Values("threads", "epoll", "auto"),
    [](const auto& life) { return std::string(life.param); }
);

TEST_P(idle, program_is_never_woken_by_the_passing_of_time) {
    if (amphi::testing::sanitized) GTEST_SKIP() << "a sanitizer has timers of its own";
    const std::regex by_time("ETIMEDOUT|\\(Timeout\\)|ETIME\\b|(epoll_p?wait2?|ppoll).*= 0$");
    const std::regex look("poll\\(.*, 0\\) += 0");  // it does not wait at all
    int timed_before = 0;
    int calls_while_idle = 0;
    bool begun = false;
    bool ended = false;
    for (const std::string& call : traced_calls(GetParam())) {
        const bool timed = std::regex_search(call, by_time) && !std::regex_search(call, look);
        if (call.find("\"end\\n\"") != std::string::npos) ended = true;
        if (begun && !ended) {
            ++calls_while_idle;
            EXPECT_FALSE(timed) << call;
        } else if (timed) {
            ++timed_before;
        }
        if (call.find("\"begin\\n\"") != std::string::npos) begun = true;
    }
    EXPECT_TRUE(begun && ended);
    EXPECT_GT(timed_before, 0) << "it has slept before, so that would have been seen";
    EXPECT_LT(calls_while_idle, 60) << "to go to sleep, and to wake up once";
}

}  // namespace
