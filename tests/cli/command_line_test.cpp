// SPDX-License-Identifier: BSL-1.0
#include <amphi/version.hpp>

#include "cli/command_line.hpp"
#include "support/program.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::program;

class finished {
public:
    explicit finished(const std::vector<std::string>& arguments) {
        std::vector<std::string> words{AMPHI_COMMAND};
        words.insert(words.end(), arguments.begin(), arguments.end());
        program run(std::move(words));
        code = run.wait();
        output = run.output();
        errors = run.errors();
    }

    int code;
    std::string output;
    std::string errors;
};

TEST(command_line, help_lists_the_subcommands) {
    const finished run({"--help"});
    EXPECT_EQ(run.code, 0);
    EXPECT_THAT(run.errors, IsEmpty());
    EXPECT_EQ(
        run.output,
        R"(Downloads, serves and measures: one program on plain threads or on async.
Usage: amphi [OPTIONS] SUBCOMMAND

Options:
  -h,--help                   Print this help message and exit
  --version                   Display program version information and exit

Subcommands:
  get                         Downloads URLs
  serve                       Serves a folder's files over HTTP/1.1
  demo                        Downloads from its own server in both lives and compares them
  compare                     Runs a job in both lives, or two commands, and says which needs less
  doctor                      Says what this machine allows and what amphi would choose

)"
    );
}

TEST(command_line, help_of_serve_names_its_options) {
    const finished run({"serve", "--help"});
    EXPECT_EQ(run.code, 0);
    EXPECT_EQ(
        run.output,
        R"(Serves a folder's files over HTTP/1.1
Usage: amphi serve [OPTIONS] DIR

Positionals:
  DIR REQUIRED                The folder

Options:
  -h,--help                   Print this help message and exit
  --port PORT                 0: the system picks one (default 8080)
  --bind ADDRESS              The address to listen on (default 127.0.0.1)
  --delay TIME                Hold each answer back, as a distant server would: 20ms
  --on EXECUTOR:{threads,async}
                              The life of its tasks: async (default) or threads

)"
    );
}

TEST(command_line, doctor_prints_a_screen_or_an_object) {
    const finished screen({"doctor"});
    EXPECT_EQ(screen.code, 0) << screen.errors;
    EXPECT_THAT(screen.output, HasSubstr("\namphi would take\n  driver "));
    const finished object({"doctor", "--json"});
    EXPECT_EQ(object.code, 0) << object.errors;
    EXPECT_THAT(object.output, HasSubstr("\"io_uring\":{\"allowed\":"));
}

TEST(command_line, version_is_the_librarys) {
    const finished run({"--version"});
    EXPECT_EQ(run.code, 0);
    EXPECT_EQ(
        run.output,
        "amphi " + std::to_string(AMPHI_VERSION_MAJOR) + "." + std::to_string(AMPHI_VERSION_MINOR) +
            "." + std::to_string(AMPHI_VERSION_PATCH) + "\n"
    );
}

TEST(command_line, bad_usage_is_explained_and_exits_2) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{}, "subcommand"},
        {{"fly"}, "subcommand"},
        {{"--fly"}, "subcommand"},
        {{"serve"}, "DIR"},
        {{"serve", ".", "--fly"}, "--fly"},
        {{"serve", ".", "--port", "65536"}, "--port"},
        {{"serve", ".", "--port", "-1"}, "--port"},
        {{"serve", ".", "--bind", "localhost"}, "127.0.0.1"},
        {{"serve", ".", "--delay", "20"}, "20ms"},
        {{"serve", ".", "--on", "fibers"}, "threads,async"},
        {{"demo", "more"}, "more"},
    };
    for (const auto& [arguments, expected] : cases) {
        const finished run(arguments);
        EXPECT_EQ(run.code, exit_usage) << expected;
        EXPECT_THAT(run.output, IsEmpty()) << expected;
        EXPECT_THAT(run.errors, HasSubstr(expected));
    }
}

TEST(command_line, a_failure_is_explained_and_exits_1) {
    const finished run({"serve", "/nowhere"});
    EXPECT_EQ(run.code, exit_failed);
    EXPECT_EQ(run.errors, "amphi: cannot serve /nowhere: No such file or directory\n");
}

}  // namespace
}  // namespace amphi::cli
