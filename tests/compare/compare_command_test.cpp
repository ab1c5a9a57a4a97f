// SPDX-License-Identifier: BSL-1.0
#include "compare/figures.hpp"
#include "compare/measure.hpp"
#include "support/build.hpp"
#include "support/program.hpp"
#include "support/raw_server.hpp"
#include "support/temp_folder.hpp"

#include <array>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace amphi::compare {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::program;
using ::testing::StartsWith;
using testing::temp_folder;

double value(const outcome& of, figure what) {
    return of.figures[static_cast<std::size_t>(what)].value_or(-1);
}

TEST(measure, counts_what_a_program_does) {
    const temp_folder folder;
    const outcome copied = measure(
        {{"dd", "if=/dev/zero", "of=/dev/null", "bs=100000", "count=50"}, {}, folder / "log"}, -1
    );
    EXPECT_EQ(copied.exit_code, 0);
    EXPECT_GE(value(copied, figure::read_bytes), 5e6);
    EXPECT_LT(value(copied, figure::read_bytes), 6e6);
    EXPECT_GE(value(copied, figure::write_bytes), 5e6);
    EXPECT_GE(value(copied, figure::calls), 100);
    EXPECT_GT(value(copied, figure::wall), 0);
    const outcome slept = measure({{"sleep", "0.1"}, {}, folder / "log"}, -1);
    EXPECT_GE(value(slept, figure::wall), 0.1);
    EXPECT_GE(value(slept, figure::voluntary), 1);
    EXPECT_GE(value(slept, figure::threads), 1);
    // Before it becomes the program, the copy may have a thread of a sanitizer's.
    EXPECT_LE(value(slept, figure::threads), 2);
    // Its own, not what its copy of this process had.
    EXPECT_GT(value(slept, figure::memory), 0);
    if (testing::sanitized) return;
    EXPECT_LT(value(slept, figure::memory), 5e6);
    // Nor what the copy had when this process is a large one.
    const std::vector<char> large(std::size_t{64} << 20U, 'x');
    EXPECT_LT(value(measure({{"sleep", "0.1"}, {}, folder / "log"}, -1), figure::memory), 5e6);
    EXPECT_EQ(large.back(), 'x');
}

TEST(measure, counts_the_children_that_were_waited_for) {
    const temp_folder folder;
    const outcome found = measure(
        {{"sh", "-c", "dd if=/dev/zero of=/dev/null bs=100000 count=50; true"}, {}, folder / "log"},
        -1
    );
    EXPECT_GE(value(found, figure::read_bytes), 5e6);
}

TEST(measure, gives_the_exit_code_and_what_was_said) {
    const temp_folder folder;
    const auto code = [&](std::vector<std::string> words) {
        std::filesystem::remove(folder / "log");
        return measure({std::move(words), "async", folder / "log"}, -1).exit_code;
    };
    EXPECT_EQ(code({"sh", "-c", "echo it is $AMPHI_ON; cat; exit 3"}), 3);
    EXPECT_EQ(end_of_log(folder / "log"), "it is async");
    EXPECT_EQ(code({"printf", "a\\033[2Jb\\n\\377c\\n"}), 0);
    EXPECT_EQ(end_of_log(folder / "log"), "a\\x1b[2Jb\n\\xffc");
    EXPECT_EQ(code({"sh", "-c", "kill -9 $$"}), 137);
    EXPECT_EQ(code({"/nowhere/at-all"}), 127);
    EXPECT_EQ(
        end_of_log(folder / "log"), "cannot start /nowhere/at-all: No such file or directory"
    );
}

TEST(measure, stopped_kills_all_that_was_started) {
    const temp_folder folder;
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    ASSERT_EQ(write(ends[1], "x", 1), 1);
    EXPECT_THROW((void)measure({{"sleep", "1000"}, {}, folder / "log"}, ends[0]), interrupted);
    close(ends[0]);
    close(ends[1]);
}

/// The command, in a folder of its own.
class finished {
public:
    explicit finished(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {AMPHI_COMMAND, "compare", "--folder", temp.path()});
        program run(std::move(arguments));
        code = run.wait();
        output = run.output();
        errors = run.errors();
    }

    temp_folder temp;
    int code = 0;
    std::string output;
    std::string errors;
};

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(compare_command, sees_a_difference_that_is_there) {
    const finished run({"--rounds", "7", "--a", "sleep 0.02", "--b", "sleep 0.2"});
    EXPECT_EQ(run.code, 0) << run.errors;
    EXPECT_THAT(run.output, StartsWith("A: sleep 0.02\nB: sleep 0.2\n"));
    EXPECT_THAT(run.output, HasSubstr("\nA needs 0."));
    EXPECT_THAT(run.errors, IsEmpty());
    EXPECT_TRUE(std::filesystem::is_empty(run.temp.path()));
}

TEST(compare_command, with_too_few_rounds_gives_no_verdict) {
    const finished run({"--rounds", "2", "--a", "sleep 0", "--b", "sleep 0.2"});
    EXPECT_EQ(run.code, 0) << run.errors;
    EXPECT_THAT(run.output, HasSubstr("\nNo verdict: 2 rounds cannot tell"));
}

TEST(compare_command, gives_each_round_a_fresh_folder_and_checks_the_files) {
    const finished same(
        {"--rounds",
         "1",
         "--prepare",
         "cp /etc/passwd {out}/in",
         "--a",
         "cp {out}/in {out}/x",
         "--b",
         "sh -c 'cat {out}/in > {out}/x'"}
    );
    EXPECT_EQ(same.code, 0) << same.errors;
    EXPECT_THAT(same.output, HasSubstr("All runs wrote the same files (2).\n"));
    const finished other(
        {"--rounds", "1", "--a", "cp /etc/passwd {out}/x", "--b", "cp /etc/group {out}/x"}
    );
    EXPECT_EQ(other.code, 1);
    EXPECT_THAT(
        other.output,
        HasSubstr("No verdict: the two did not do the same work, x of A differs from that of B")
    );
    // The two of the warm-up copy one thing, the third run another.
    const temp_folder marks;
    const std::string marked = "sh -c 'cp " + (marks / "n").string() +
                               " \"$AMPHI_OUT/x\"; echo 1 >> " + (marks / "m").string() +
                               "; test $(wc -l < " + (marks / "m").string() +
                               ") -lt 2 || echo other > " + (marks / "n").string() + "'";
    std::ofstream(marks / "n") << "one";
    const finished later({"--rounds", "1", "--a", marked, "--b", marked});
    EXPECT_EQ(later.code, 1) << later.errors;
    EXPECT_THAT(later.output, HasSubstr("x of A in the warm-up differs from that of A in round 1"));
}

TEST(compare_command, says_whose_folder_is_gone_and_removes_one_that_is_read_only) {
    const finished gone({"--a", "true", "--b", "rmdir {out}"});
    EXPECT_EQ(gone.code, 1);
    EXPECT_THAT(gone.errors, StartsWith("amphi: what B (rmdir {out}) left in the warm-up cannot"));
    const finished linked({"--a", "sh -c 'rmdir {out}; ln -s / {out}'", "--b", "true"});
    EXPECT_EQ(linked.code, 1);
    EXPECT_THAT(linked.errors, StartsWith("amphi: what A ("));
    EXPECT_TRUE(std::filesystem::is_empty(linked.temp.path()));
    const std::string shut = "sh -c 'mkdir -p {out}/d/e; touch {out}/d/e/f; chmod 500 {out}/d/e "
                             "{out}/d'";
    const finished read_only({"--rounds", "1", "--a", shut, "--b", shut});
    EXPECT_EQ(read_only.code, 0) << read_only.errors;
    EXPECT_TRUE(std::filesystem::is_empty(read_only.temp.path()));
}

TEST(compare_command, that_cannot_write_says_so) {
    const temp_folder marks;
    const std::string job = "touch " + (marks / "ran").string();
    for (const char* const option : {"--json", "--html"}) {
        const finished run({option, "/nowhere/r", "--a", job, "--b", job});
        EXPECT_EQ(run.code, 1);
        EXPECT_THAT(run.errors, StartsWith("amphi: cannot write /nowhere/r: "));
    }
    EXPECT_FALSE(std::filesystem::exists(marks / "ran"));
    for (const char* const command : {" compare --rounds 1 --a true --b true", " doctor"}) {
        program run({"/bin/sh", "-c", std::string(AMPHI_COMMAND) + command + " > /dev/full"});
        EXPECT_EQ(run.wait(), 1) << command;
        EXPECT_THAT(run.errors(), StartsWith("amphi: cannot write to standard output"));
    }
}

TEST(compare_command, runs_a_job_in_both_lives_and_writes_its_reports) {
    const temp_folder reports;
    const finished run(
        {"--rounds",
         "1",
         "--json",
         reports / "r.json",
         "--html",
         reports / "r.html",
         "--",
         "sh",
         "-c",
         "test $AMPHI_ON = threads || test $AMPHI_ON = async"}
    );
    EXPECT_EQ(run.code, 0) << run.errors;
    EXPECT_THAT(run.output, StartsWith("threads: AMPHI_ON=threads sh -c "));
    EXPECT_THAT(content_of(reports / "r.json"), StartsWith("{\"rounds\":1,"));
    EXPECT_THAT(content_of(reports / "r.html"), StartsWith("<!doctype html>"));
}

TEST(compare_command, compares_downloads_in_both_lives) {
    const testing::raw_server server([](testing::raw_connection& to, const std::string& head) {
        to.answer(200, "the content of " + head.substr(4, 2));
        return true;
    });
    const std::vector<std::vector<std::string>> ways{
        {"get"}, {"amphi", "get", "--no-manifest"}, {AMPHI_COMMAND, "get"}
    };
    for (const std::vector<std::string>& way : ways) {
        std::vector<std::string> words{"--rounds", way.size() == 1 ? "7" : "1", "--"};
        words.insert(words.end(), way.begin(), way.end());
        for (const char* const path : {"/a", "/b", "/c"})
            words.push_back(server.url(path));
        const finished run(std::move(words));
        EXPECT_EQ(run.code, 0) << run.errors;
        EXPECT_THAT(run.output, StartsWith("threads: amphi get --on threads -o {out} --no-man"));
        EXPECT_THAT(run.output, HasSubstr("\nasync: amphi get --on async -o {out} --no-man"));
        EXPECT_THAT(run.output, HasSubstr("All runs wrote the same files (3).\n"));
        if (way.size() == 1) {
            EXPECT_THAT(run.output, Not(HasSubstr("No verdict")));
        }
    }
}

TEST(compare_command, names_what_failed) {
    const finished b({"--a", "true", "--b", "sh -c 'echo no such luck >&2; exit 4'"});
    EXPECT_EQ(b.code, 1);
    EXPECT_EQ(
        b.errors,
        "amphi: B (sh -c 'echo no such luck >&2; exit 4') failed in the warm-up with exit code 4: "
        "no such luck\n"
    );
    EXPECT_TRUE(std::filesystem::is_empty(b.temp.path()));
    const finished prepare({"--prepare", "/nowhere", "--a", "true", "--b", "true"});
    EXPECT_THAT(prepare.errors, StartsWith("amphi: --prepare failed in the warm-up"));
    const finished life({"--", "get", "http://127.0.0.1:1/x", "--retries", "0"});
    EXPECT_EQ(life.code, 1);
    EXPECT_THAT(life.errors, StartsWith("amphi: threads (amphi get --on threads -o "));
}

TEST(compare_command, refuses_bad_usage) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{}, "takes -- JOB, or --a CMD and --b CMD"},
        {{"--a", "true"}, "takes -- JOB"},
        {{"--a", "true", "--b", "true", "--", "x"}, "takes -- JOB"},
        {{"--a", "a | b", "--b", "true"}, "needs a shell"},
        {{"--rounds", "0", "--a", "true", "--b", "true"}, "--rounds"},
        {{"--", "get", "--on", "async", "x"}, "is compare's to choose"},
        {{"--", "get", "-o", "d", "x"}, "is compare's to choose"},
        {{"--", "amphi", "get", "-od", "x"}, "is compare's to choose"},
        {{"--", "get", "-O", "f", "x"}, "-O: names a file outside"},
        {{"--", "get", "-Of", "x"}, "-O: names a file outside"},
        {{"--", "./amphi", "get", "--output=f", "x"}, "--output: names a file outside"},
        {{"--", "get", "--failed", "f", "x"}, "--failed: names a file outside"},
        {{"--", "get", "-i", "-"}, "standard input is empty here"},
    };
    for (const auto& [arguments, expected] : cases) {
        const finished run(arguments);
        EXPECT_EQ(run.code, 2) << expected;
        EXPECT_THAT(run.errors, HasSubstr(expected));
    }
}

TEST(compare_command, stopped_by_a_signal_leaves_nothing) {
    const temp_folder temp;
    program run(
        {AMPHI_COMMAND,
         "compare",
         "--folder",
         temp.path(),
         "--a",
         "sleep 1000",
         "--b",
         "x",
         "--prepare",
         "sh -c 'kill -TERM $(ps -o ppid= -p $$)'"}
    );
    EXPECT_EQ(run.wait(), 128 + SIGTERM) << run.errors();
    EXPECT_TRUE(std::filesystem::is_empty(temp.path()));
}

}  // namespace
}  // namespace amphi::compare
