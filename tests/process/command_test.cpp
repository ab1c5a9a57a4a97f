// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/descriptor.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/process/child.hpp>
#include <amphi/process/command.hpp>
#include <amphi/process/exit_status.hpp>
#include <amphi/process/pipe.hpp>
#include <amphi/process/signals.hpp>
#include <amphi/task/task.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi {
namespace {

using testing::expect_deadline_ends;
using testing::expect_stop_ends;

static_assert(!std::is_aggregate_v<command> && !std::is_aggregate_v<stdio>);

class command_test : public testing::each_life {
public:
    testing::temp_folder folder;
};
INSTANTIATE_TEST_SUITE_P(lives, command_test, testing::all_lives(), testing::name_of_life);

command shell(std::string script) {
    command made("sh");
    made.arg("-c").arg(std::move(script));
    return made;
}

std::string content_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::string output_of(const command& program) {
    return run(threads, [](const command& c) { return c.output(); }, program).output;
}

/// What starting it throws.
std::system_error failure_of(const command& program) {
    try {
        (void)program.spawn();
    } catch (const std::system_error& error) {
        return error;
    }
    ADD_FAILURE() << program.program() << " was started";
    return std::system_error(0, std::system_category());
}

void expect_failure(const command& program, int error, const std::string& what) {
    const std::system_error failure = failure_of(program);
    EXPECT_EQ(failure.code().value(), error);
    EXPECT_NE(std::string(failure.what()).find(what), std::string::npos) << failure.what();
}

task<> collect_for_ever() {
    (void)co_await command("sleep").arg("1000").output();
}
task<> collect_from_one_stream_for_ever() {
    (void)co_await shell("exec sleep 1000 2>&-").output();
}
task<> run_for_ever() {
    (void)co_await command("sleep").arg("1000").status();
}

TEST_P(command_test, runs_a_program_and_collects_what_it_writes) {
    run([]() -> task<> {
        const command_output said =
            co_await shell("echo to output; echo to error >&2; exit 3").output();
        EXPECT_EQ(said.output, "to output\n");
        EXPECT_EQ(said.error, "to error\n");
        EXPECT_EQ(said.status.code(), 3);
        const exit_status status = co_await shell("exit 4").status();
        EXPECT_EQ(status.code(), 4);
        const exit_status killed = co_await shell("kill -9 $$").status();
        EXPECT_EQ(killed.signal(), SIGKILL);
    });
}

TEST_P(command_test, much_on_both_streams_does_not_deadlock) {
    run([]() -> task<> {
        const command_output said =
            co_await shell("head -c 3000000 /dev/zero >&2; head -c 2000000 /dev/zero; "
                           "head -c 1000000 /dev/zero >&2")
                .output();
        EXPECT_EQ(said.output.size(), 2'000'000U);
        EXPECT_EQ(said.error.size(), 4'000'000U);
        EXPECT_TRUE(said.status.success());
    });
}

TEST_P(command_test, too_much_is_an_error_and_ends_it) {
    run([]() -> task<> {
        bool thrown = false;
        try {
            (void)co_await command("yes").output_limit(100'000).output();
        } catch (const output_too_long& error) {
            thrown = true;
            EXPECT_STREQ(error.what(), "yes has written more than the limit of 100000 bytes");
        }
        EXPECT_TRUE(thrown);
        command exact = shell("head -c 1000 /dev/zero");
        exact.output_limit(1000);
        const command_output fits = co_await exact.output();
        EXPECT_EQ(fits.output.size(), 1000U);
    });
}

TEST_P(command_test, a_cancel_ends_it) {
    run([]() -> task<> {
        co_await expect_stop_ends(collect_for_ever);
        co_await expect_deadline_ends(collect_for_ever);
        co_await expect_stop_ends(collect_from_one_stream_for_ever);
        co_await expect_deadline_ends(run_for_ever);
        co_await expect_stop_ends(run_for_ever);
    });
}

TEST_P(command_test, many_tasks_run_programs_at_once) {
    run([]() -> task<> {
        co_await scope([](task_scope& jobs) -> task<> {
            for (int i = 0; i < 100; ++i)
                co_await jobs.spawn(
                    [](int number) -> task<> {
                        const std::string text = std::to_string(number);
                        const command_output said = co_await command("echo").arg(text).output();
                        EXPECT_EQ(said.output, text + "\n");
                        EXPECT_TRUE(said.status.success());
                    },
                    i
                );
        });
    });
}

TEST_P(command_test, one_program_writes_to_another) {
    run([]() -> task<> {
        child first = command("printf").arg("b\\na\\n").output(stdio::pipe).spawn();
        command sort("sort");
        sort.input(stdio(first.output().release()));
        const command_output sorted = co_await sort.output();
        EXPECT_EQ(sorted.output, "a\nb\n");
        const exit_status status = co_await first.wait();
        EXPECT_TRUE(status.success());
    });
}

TEST(command, a_program_that_cannot_be_started_is_named) {
    const testing::temp_folder folder;
    const std::filesystem::path plain = folder / "plain";
    std::ofstream(plain) << "no program";
    expect_failure(command("no_such_program"), ENOENT, "start no_such_program");
    expect_failure(command("/no/such/program"), ENOENT, "start /no/such/program");
    expect_failure(command(plain.native()), EACCES, plain.native());
    expect_failure(command(""), ENOENT, "start");
    std::filesystem::permissions(plain, std::filesystem::perms::owner_all);
    expect_failure(command(plain.native()), ENOEXEC, plain.native());
    command hidden("plain");
    expect_failure(hidden.env("PATH", folder.path().native()), ENOEXEC, "start plain");
    command elsewhere("true");
    expect_failure(elsewhere.current_dir("/no/such"), ENOENT, "start true in the folder /no/such");
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was left";
    EXPECT_EQ(errno, ECHILD);
}

TEST(command, words_that_the_kernel_would_cut_are_refused) {
    command cut("echo");
    expect_failure(cut.arg(std::string("a\0b", 3)), EINVAL, "echo");
    EXPECT_THROW(command("echo").env("A=B", "x"), std::system_error);
    EXPECT_THROW(command("echo").env("", "x"), std::system_error);
}

TEST(command, the_environment_is_its_own) {
    ::setenv("AMPHI_TEST_KEPT", "kept", 1);
    ::setenv("AMPHI_TEST_GONE", "gone", 1);
    command shown = shell("echo \"$AMPHI_TEST_KEPT:$AMPHI_TEST_GONE:$AMPHI_TEST_NEW\"");
    shown.remove_env("AMPHI_TEST_GONE").env("AMPHI_TEST_NEW", "1").env("AMPHI_TEST_NEW", "2");
    EXPECT_EQ(output_of(shown), "kept::2\n");
    EXPECT_EQ(output_of(command("env").clear_env().env("ONLY", "this")), "ONLY=this\n");
    ::unsetenv("AMPHI_TEST_KEPT");
    ::unsetenv("AMPHI_TEST_GONE");
}

TEST(command, starts_in_its_folder) {
    const testing::temp_folder folder;
    const std::string path = std::filesystem::canonical(folder.path()).native();
    EXPECT_EQ(output_of(command("pwd").arg("-P").current_dir(path)), path + "\n");
}

TEST(command, arguments_arrive_as_they_are) {
    command printed("printf");
    printed.arg("%s|").args({"a b", "", "$HOME", "*", "\"'"});
    EXPECT_EQ(output_of(printed), "a b||$HOME|*|\"'|");
}

// ls itself opens the folder, as 3.
TEST(command, no_descriptor_leaks_into_it) {
    std::vector<descriptor> open;
    for (int i = 0; i < 20; ++i)
        open.emplace_back(::open("/dev/null", O_RDWR));
    const auto pipes = make_pipe();
    const signals heard{SIGUSR1};
    EXPECT_EQ(output_of(command("ls").arg("/proc/self/fd")), "0\n1\n2\n3\n");
}

TEST(command, a_descriptor_that_is_passed_arrives) {
    auto ends = make_pipe();
    const descriptor to = ends.second.release();
    const std::string number = std::to_string(to.get());
    const descriptor between(::open("/dev/null", O_RDWR));
    command listed("ls");
    listed.arg("/proc/self/fd").pass(to.get()).pass(to.get()).pass(1);
    const std::string seen = output_of(listed);
    EXPECT_NE(seen.find(number + "\n"), std::string::npos) << seen;
    EXPECT_NE(::fcntl(to.get(), F_GETFD) & FD_CLOEXEC, 0);
    command closed("true");
    expect_failure(closed.pass(9'999), EBADF, "true");
}

TEST_P(command_test, streams_lead_where_they_are_told) {
    run(
        [](std::string path) -> task<> {
            descriptor file(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
            command writes = shell("cat; echo to file; echo also >&2");
            writes.input(stdio::null).output(stdio(std::move(file))).error(stdio::output);
            const exit_status status = co_await writes.status();
            EXPECT_TRUE(status.success());
            EXPECT_EQ(content_of(path), "to file\nalso\n");
            // It may be started again, and collected in part.
            const command_output collected = co_await writes.error(stdio::pipe).output();
            EXPECT_EQ(collected.output, "");
            EXPECT_EQ(collected.error, "also\n");
            command wrong("true");
            expect_failure(wrong.output(stdio::output), EINVAL, "true");
        },
        (folder / "file").native()
    );
}

TEST_P(command_test, pipes_that_nobody_uses_are_closed) {
    run([]() -> task<> {
        command piped = shell("cat; echo lost");
        piped.input(stdio::pipe).output(stdio::pipe).error(stdio::null);
        const exit_status status = co_await piped.status();
        EXPECT_FALSE(status.success() && status.signal());
    });
}

// The mask and what is ignored are bits of this process's own; grep's are the child's.
TEST(command, signals_are_reset) {
    sigset_t blocked;
    sigset_t before;
    sigfillset(&blocked);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const auto of_pipe = std::signal(SIGPIPE, SIG_IGN);
    const auto of_hup = std::signal(SIGHUP, SIG_IGN);
    const signals heard{SIGUSR1};
    const std::string seen = output_of(command("grep").arg("Sig[BI]").arg("/proc/self/status"));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    std::signal(SIGPIPE, of_pipe);
    std::signal(SIGHUP, of_hup);
    EXPECT_EQ(seen, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000001\n");
}

TEST(command, may_have_a_group_of_its_own) {
    const child own = command("cat").input(stdio::pipe).new_group().spawn();
    EXPECT_EQ(::getpgid(own.pid()), own.pid());
    const child shared = command("cat").input(stdio::pipe).spawn();
    EXPECT_EQ(::getpgid(shared.pid()), ::getpgid(0));
}

TEST(command, its_streams_are_right_where_this_process_has_none) {
    const pid_t forked = ::fork();
    if (forked == 0) {
        for (const int fd : {0, 1, 2})
            ::close(fd);
        const command_output said = run(threads, []() -> task<command_output> {
            co_return co_await shell("echo a; echo b >&2; cat; ls /proc/self/fd").output();
        });
        const bool right = said.output == "a\n0\n1\n2\n3\n" && said.error == "b\n";
        ::_exit(right ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(::waitpid(forked, &status, 0), forked);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace amphi
