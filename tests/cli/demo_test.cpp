// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/base/descriptor.hpp>

#include "cli/child.hpp"
#include "cli/demo_run.hpp"
#include "cli/demo_server.hpp"
#include "support/raw_client.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace amphi::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::raw_client;
using ::testing::StartsWith;
using testing::temp_folder;

time_point soon() {
    return clock::now() + 60s;
}

/// The demo with small rounds, in a process of its own whose temporary files are in `temp`.
class small_demo {
public:
    small_demo() {
        plan.program = AMPHI_COMMAND;
        plan.few = {{3, 100'000}, {5, 1000}};
        plan.few_jobs = 4;
        plan.thousands = {{20, 1000}, {20, 2000}};
        plan.thousands_jobs = 40;
        plan.delay = 20ms;
        plan.repeats = 1;
    }

    [[nodiscard]] child start(rlim_t descriptors = 0) {
        std::array<int, 2> ends{};
        EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
        output_.reset(ends[0]);
        const descriptor input(ends[1]);
        return child::run([&] {
            setenv("TMPDIR", temp.path().c_str(), 1);
            rlimit limit{};
            getrlimit(RLIMIT_NOFILE, &limit);
            if (descriptors > 0) limit.rlim_cur = limit.rlim_max = descriptors;
            setrlimit(RLIMIT_NOFILE, &limit);
            dup2(input.get(), STDOUT_FILENO);
            dup2(input.get(), STDERR_FILENO);
            return run_demo(plan);
        });
    }

    /// What it writes until `end` comes, or until it ends.
    [[nodiscard]] std::string output(const std::string& end = "no such text") const {
        std::string text;
        std::array<char, 4096> piece{};
        while (text.find(end) == std::string::npos) {
            const ssize_t count = read(output_.get(), piece.data(), piece.size());
            if (count <= 0) break;
            text.append(piece.data(), static_cast<std::size_t>(count));
        }
        return text;
    }

    demo_plan plan;
    temp_folder temp;

private:
    descriptor output_;
};

TEST(demo, measures_each_round_in_both_lives_and_leaves_nothing_behind) {
    small_demo demo;
    child process = demo.start();
    const std::string text = demo.output();
    EXPECT_EQ(process.wait(soon(), -1).exit_code, 0) << text;
    EXPECT_THAT(text, HasSubstr("\nfew: 8 files, 305 KB, -j 4\n  threads "));
    EXPECT_THAT(
        text, HasSubstr("\nthousands: 40 files, 60 KB, -j 40, each answer held back for 20 ms\n")
    );
    EXPECT_THAT(text, HasSubstr("\nCPU: the SHA-256 of all 48 files\n  one thread "));
    EXPECT_THAT(text, HasSubstr("\n  few: beside threads, async took "));
    EXPECT_THAT(text, HasSubstr("\n  thousands: async used "));
    EXPECT_THAT(text, HasSubstr("\n  CPU: a thread a CPU was "));
    EXPECT_THAT(text, HasSubstr("\nNext: ./dev run URL"));
    EXPECT_THAT(text, Not(HasSubstr("failed")));
    EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 25);
    EXPECT_TRUE(std::filesystem::is_empty(demo.temp.path()));
}

TEST(demo, keeps_its_files_when_it_is_told_to) {
    small_demo demo;
    demo.plan.keep_files = true;
    child process = demo.start();
    const std::string text = demo.output();
    EXPECT_EQ(process.wait(soon(), -1).exit_code, 0) << text;
    const std::filesystem::path folder =
        std::filesystem::directory_iterator(demo.temp.path())->path();
    EXPECT_THAT(text, HasSubstr("The files are kept in " + folder.string() + "\n"));
    EXPECT_TRUE(std::filesystem::exists(folder / "few/file0.bin"));
    EXPECT_TRUE(std::filesystem::exists(folder / "downloads-async/file0.bin"));
}

TEST(demo, reports_a_get_that_fails) {
    small_demo demo;
    demo.plan.time_max = 0s;  // Each run is killed at once.
    child process = demo.start();
    const std::string text = demo.output();
    EXPECT_EQ(process.wait(soon(), -1).exit_code, 1) << text;
    EXPECT_THAT(text, HasSubstr("failed: exit code 137"));
    EXPECT_THAT(text, HasSubstr("few: neither life could do it here"));
    EXPECT_TRUE(std::filesystem::is_empty(demo.temp.path()));
}

TEST(demo, with_few_descriptors_does_with_fewer_downloads) {
    small_demo demo;
    child process = demo.start(164);
    const std::string text = demo.output();
    EXPECT_EQ(process.wait(soon(), -1).exit_code, 0) << text;
    EXPECT_THAT(text, HasSubstr("thousands: 20 files, 30 KB, -j 20 (no more descriptors)"));
}

TEST(demo, with_very_few_descriptors_does_so_in_both_rounds) {
    small_demo demo;
    child process = demo.start(38);
    const std::string text = demo.output();
    EXPECT_EQ(process.wait(soon(), -1).exit_code, 0) << text;
    EXPECT_THAT(text, HasSubstr("few: 8 files, 305 KB, -j 2 (no more descriptors)"));
    EXPECT_THAT(text, Not(HasSubstr("instead of")));
}

TEST(demo, interrupted_ends_as_a_shell_expects_and_leaves_nothing_behind) {
    small_demo demo;
    demo.plan.delay = 10s;
    child process = demo.start();
    EXPECT_THAT(demo.output("thousands: 40"), HasSubstr("thousands: 40"));
    process.request_stop();
    EXPECT_EQ(process.wait(soon(), -1).exit_code, 128 + SIGTERM);
    // Its server and its get hold the other end: they have ended too.
    EXPECT_THAT(demo.output(), Not(HasSubstr("failed")));
    EXPECT_TRUE(std::filesystem::is_empty(demo.temp.path()));
}

TEST(demo_server, that_does_not_start_is_an_error) {
    const temp_folder temp;
    EXPECT_THROW(demo_server("/nowhere", temp.path(), 0ms), std::runtime_error);
}

TEST(serve_command, says_where_it_serves_and_ends_when_it_is_told_to) {
    const temp_folder temp;
    std::ofstream(temp / "a") << "aaa";
    demo_server server(AMPHI_COMMAND, temp.path(), 0ms);
    EXPECT_THAT(server.url(), StartsWith("http://127.0.0.1:"));
    const auto port = static_cast<std::uint16_t>(std::stoul(server.url().substr(17)));
    raw_client client(port);
    client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.response(), EndsWith("\r\n\r\naaa"));
    EXPECT_EQ(server.stop(), 0);
    EXPECT_THAT(client.rest(), IsEmpty());
}

TEST(serve_command, ends_within_two_seconds_though_a_client_takes_nothing) {
    const temp_folder temp;
    std::ofstream(temp / "large") << std::string(20'000'000, 'x');
    demo_server server(AMPHI_COMMAND, temp.path(), 0ms);
    raw_client client(static_cast<std::uint16_t>(std::stoul(server.url().substr(17))));
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(client.is_readable(20s));
    EXPECT_EQ(server.stop(), 0);
    EXPECT_LT(client.rest().size(), 20'000'000U);
}

}  // namespace
}  // namespace amphi::cli
