// SPDX-License-Identifier: BSL-1.0
#include "get_in_lives.hpp"
#include "support/program.hpp"
#include "support/raw_server.hpp"
#include "support/temp_folder.hpp"

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <sys/stat.h>

namespace amphi::cli {

namespace {

using namespace amphi::testing;
using ::testing::HasSubstr;
using ::testing::Not;

/// `amphi get` more than once, in one folder.
class amphi_get_twice : public get_in_lives {
public:
    /// Answers each path with itself, "/no..." only when it is `mended`.
    std::atomic<bool> mended{false};
    raw_server server{[this](raw_connection& to, const std::string& head) {
        const std::string path = head.substr(4, head.find(' ', 4) - 4);
        to.answer(path.starts_with("/no") && !mended ? 503 : 200, path);
        return true;
    }};
};
INSTANTIATE_TEST_SUITE_P(
    lives,
    amphi_get_twice,
    ::testing::Values("threads", "async"),
    [](const ::testing::TestParamInfo<const char*>& life) { return std::string(life.param); }
);

TEST_P(amphi_get_twice, costs_no_request_the_second_time) {
    std::ofstream list(other / "list");
    for (int i = 0; i < 100; ++i)
        list << server.url("/" + std::to_string(i)) << "\n";
    list.close();
    const std::vector<std::string> asked = words({"-i", (other / "list").string(), "--json"});
    program first(asked);
    EXPECT_EQ(first.wait(), 0) << first.errors();
    program second(asked);
    EXPECT_EQ(second.wait(), 0) << second.errors();
    EXPECT_EQ(server.requests().size(), 100U);
    EXPECT_THAT(second.output(), HasSubstr(R"("event":"unchanged")"));
    EXPECT_THAT(second.output(), HasSubstr(R"("done":0,"unchanged":100,"existed":0,"failed":0)"));

    std::filesystem::remove(temp / "7");
    std::ofstream(temp / ".amphi-manifest", std::ios::app) << "{\"torn";
    program third(words({"-i", (other / "list").string()}));
    EXPECT_EQ(third.wait(), 0) << third.errors();
    EXPECT_EQ(server.requests().size(), 101U);
    EXPECT_THAT(third.errors(), HasSubstr(".amphi-manifest: line 101 is damaged and ignored"));
    EXPECT_THAT(third.errors(), HasSubstr("99 unchanged"));
}

TEST_P(amphi_get_twice, without_a_manifest_finds_that_a_file_exists) {
    for (const int code : {0, 1}) {
        program get(words({"--no-manifest", server.url("/a")}));
        EXPECT_EQ(get.wait(), code);
    }
    EXPECT_FALSE(std::filesystem::exists(temp / ".amphi-manifest"));
    program printed(words({"-O", "-", server.url("/a")}));
    EXPECT_EQ(printed.wait(), 0);
    EXPECT_FALSE(std::filesystem::exists(temp / ".amphi-manifest"));
}

TEST_P(amphi_get_twice, goes_on_without_a_manifest_that_is_not_its) {
    std::filesystem::create_symlink(other / "theirs", temp / ".amphi-manifest");
    program get(words({server.url("/a")}));
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_THAT(get.errors(), HasSubstr("going on without the list of what was downloaded"));
    EXPECT_EQ(content_of(temp / "a"), "/a");
    EXPECT_FALSE(std::filesystem::exists(other / "theirs"));
}

TEST_P(amphi_get_twice, replays_what_has_failed) {
    const std::string failed = (other / "failed").string();
    std::ofstream(failed + ".new") << "mine";
    const std::string secret = server.url("/no1?token=word");
    program get(words({"--failed", failed, server.url("/a"), secret, server.url("/no2")}));
    EXPECT_EQ(get.wait(), 1);
    EXPECT_THAT(get.errors(), Not(HasSubstr("word")));
    const std::string listed = content_of(failed);
    EXPECT_THAT(listed, HasSubstr(secret + "\n"));
    EXPECT_THAT(listed, HasSubstr(server.url("/no2") + "\n"));
    EXPECT_THAT(listed, Not(HasSubstr("/a\n")));
    struct stat found{};
    ASSERT_EQ(::stat(failed.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);

    mended = true;
    program replay(words({"-i", failed, "--failed", failed}));
    EXPECT_EQ(replay.wait(), 0) << replay.errors();
    EXPECT_TRUE(std::filesystem::is_empty(failed));
    EXPECT_EQ(content_of(temp / "no2"), "/no2");
    const std::filesystem::directory_iterator files(other.path());
    EXPECT_EQ(std::distance(begin(files), end(files)), 2) << "it has left none but the two";
    EXPECT_EQ(content_of(failed + ".new"), "mine");

    mended = false;
    program piped(words({"--failed", "/dev/stdout", server.url("/no3")}));
    EXPECT_EQ(piped.wait(), 1);
    EXPECT_EQ(piped.output(), server.url("/no3") + "\n");
    program nowhere(words({"--failed", "/no/such/folder/x", server.url("/b")}));
    EXPECT_EQ(nowhere.wait(), 1);
    EXPECT_THAT(nowhere.errors(), HasSubstr("/no/such/folder/x: No such file"));
}

TEST_P(amphi_get_twice, keeps_a_list_that_it_replays_until_all_was_tried) {
    raw_server slow([](raw_connection& to, const std::string&) {
        to.wait_for_end();
        return false;
    });
    const std::string failed = (other / "failed").string();
    std::ofstream(failed) << slow.url("/a") << "\n" << slow.url("/b") << "\n";
    program replay(words({"-i", failed, "--failed", failed}));
    slow.wait_for_requests(2);
    replay.signal(SIGTERM);
    EXPECT_EQ(replay.wait(), 128 + SIGTERM);
    EXPECT_THAT(replay.errors(), HasSubstr("not all of it was tried"));
    const std::string all = slow.url("/a") + "\n" + slow.url("/b") + "\n";
    EXPECT_EQ(content_of(failed), all);

    // By its content, not by its name: standard input is that file too.
    program late(
        {"/bin/sh",
         "-c",
         "exec \"$0\" get --on " + std::string(GetParam()) + " -o '" + temp.path().string() +
             "' -i - --deadline 300ms --failed '" + failed + "' <'" + failed + "'",
         AMPHI_COMMAND}
    );
    EXPECT_EQ(late.wait(), 1) << late.errors();
    EXPECT_THAT(late.errors(), HasSubstr("not all of it was tried"));
    EXPECT_EQ(content_of(failed), all);

    std::ofstream(failed) << server.url("/no1") << "\n"
                          << std::string(100'000, 'x') << "\n"
                          << server.url("/c") << "\n";
    program cut(words({"-i", failed, "--failed", failed}));
    EXPECT_EQ(cut.wait(), 1);
    EXPECT_THAT(cut.errors(), HasSubstr("not all of it was tried"));
    EXPECT_THAT(content_of(failed), HasSubstr(server.url("/c")));
}

}  // namespace

}  // namespace amphi::cli
