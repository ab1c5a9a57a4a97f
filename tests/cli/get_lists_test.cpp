// SPDX-License-Identifier: BSL-1.0
#include "fetch/sha256.hpp"
#include "get_in_lives.hpp"
#include "support/program.hpp"
#include "support/raw_server.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace amphi::cli {

namespace {

using namespace amphi::testing;
using ::testing::HasSubstr;
using ::testing::Not;

std::string sum_of(const std::string& text) {
    fetch::sha256 hash;
    hash.update(std::as_bytes(std::span(text)));
    return fetch::to_hex(hash.finish());
}

/// Lists that say more than URLs, and what of them is wanted.
class amphi_get_lists : public get_in_lives {
public:
    raw_server server{[](raw_connection& to, const std::string& head) {
        to.answer(200, head.substr(4, head.find(' ', 4) - 4));
        return true;
    }};
};
INSTANTIATE_TEST_SUITE_P(
    lives,
    amphi_get_lists,
    ::testing::Values("threads", "async"),
    [](const ::testing::TestParamInfo<const char*>& life) { return std::string(life.param); }
);

TEST_P(amphi_get_lists, give_path_size_and_sum) {
    const std::string failed = (other / "failed").string();
    const std::string list = (other / "list").string();
    std::ofstream(list) << server.url("/plain") << "\n"
                        << server.url("/a") << "\tin/a/folder\t2\t" << sum_of("/a") << "\n"
                        << server.url("/b") << "\t\t3\n"
                        << R"({"url":")" << server.url("/c") << R"(","path":"in/c","sha256":")"
                        << sum_of("other") << "\"}\n"
                        << server.url("/d") << "\t../d\n"
                        << server.url("/e") << "\tin/a/folder\n"
                        << "{broken\n";
    program get(words({"-i", list, "--failed", failed}));
    EXPECT_EQ(get.wait(), 1);
    EXPECT_EQ(content_of(temp / "plain"), "/plain");
    EXPECT_EQ(content_of(temp / "in/a/folder"), "/a");
    EXPECT_FALSE(std::filesystem::exists(temp / "b"));
    EXPECT_FALSE(std::filesystem::exists(temp / "in/c"));
    const std::string& said = get.errors();
    EXPECT_THAT(said, HasSubstr("it has 2 bytes, and not the 3 that the list says"));
    EXPECT_THAT(said, HasSubstr("its SHA-256 is another one than was asked for"));
    EXPECT_THAT(said, HasSubstr("begins with a dot"));
    EXPECT_THAT(said, HasSubstr("\"in/a/folder\" is taken by " + server.url("/a")));
    EXPECT_THAT(said, HasSubstr("URL 7, {broken: it is no JSON object in one line (a row is a"));
    EXPECT_THAT(content_of(failed), HasSubstr(R"("path":"in/c","sha256":")" + sum_of("other")));
    EXPECT_THAT(content_of(failed), HasSubstr(R"({"url":")" + server.url("/b") + R"(","size":3})"));

    EXPECT_THAT(content_of(failed), HasSubstr(server.url("/d") + "\t../d\n"));
    EXPECT_THAT(content_of(failed), HasSubstr(server.url("/e") + "\tin/a/folder\n"));
    EXPECT_THAT(content_of(failed), HasSubstr("{broken\n"));

    const std::size_t before = server.requests().size();
    program again(words({"-i", list}));
    EXPECT_EQ(again.wait(), 1);
    EXPECT_THAT(again.errors(), HasSubstr("2 unchanged"));
    EXPECT_EQ(server.requests().size(), before + 2) << "what failed";
    program replay(words({"-i", failed}));
    EXPECT_EQ(replay.wait(), 1);
    EXPECT_THAT(replay.errors(), HasSubstr("1 existed, 4 failed"));
}

TEST_P(amphi_get_lists, are_replayed_in_their_format_and_ask_once_for_each) {
    const std::string failed = (other / "failed").string();
    const std::string list = (other / "list").string();
    const std::string row = R"({"url":")" + server.url("/a") + "\"}\n";
    const std::string bad = R"({"url":"http://127.0.0.1:1/b"})";
    std::ofstream(list) << row << row << bad << "\n";
    program get(words({"-i", list, "--input-format", "json", "--failed", failed}));
    EXPECT_EQ(get.wait(), 1);
    EXPECT_THAT(get.errors(), HasSubstr("1 file, 2 B"));
    EXPECT_THAT(get.errors(), HasSubstr("1 failed"));
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(content_of(failed), bad + "\n");
}

TEST_P(amphi_get_lists, are_what_a_manifest_is) {
    program get(words({server.url("/a"), server.url("/b")}));
    EXPECT_EQ(get.wait(), 0);
    std::filesystem::copy_file(temp / ".amphi-manifest", other / "list");
    std::filesystem::remove(temp / "a");
    std::filesystem::remove(temp / ".amphi-manifest");
    std::filesystem::remove(temp / "b");
    program again(words({"-i", (other / "list").string()}));
    EXPECT_EQ(again.wait(), 0) << again.errors();
    EXPECT_EQ(content_of(temp / "b"), "/b");
}

TEST_P(amphi_get_lists, become_a_tree) {
    const std::string host = "127.0.0.1:" + std::to_string(server.port());
    const std::vector<std::string> asked =
        words({"--tree", server.url("/x/a"), server.url("/y/a"), server.url("/y/")});
    program get(asked);
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_EQ(content_of(temp / host / "x/a"), "/x/a");
    EXPECT_EQ(content_of(temp / host / "y/index.html"), "/y/");
    program again(asked);
    EXPECT_EQ(again.wait(), 0) << again.errors();
    EXPECT_EQ(server.requests().size(), 3U);

    std::filesystem::create_directory_symlink(other.path(), temp / host / "z");
    program planted(words({"--tree", server.url("/z/a")}));
    EXPECT_EQ(planted.wait(), 1);
    EXPECT_THAT(planted.errors(), HasSubstr("Not a directory"));
    EXPECT_TRUE(std::filesystem::is_empty(other.path()));
}

TEST_P(amphi_get_lists, are_downloaded_as_far_as_they_are_wanted) {
    program get(words(
        {"--accept",
         "*.pdf",
         "--accept",
         "b?",
         "--durable",
         "--max-size",
         "7B",
         server.url("/a.pdf"),
         server.url("/a.txt"),
         server.url("/b1"),
         server.url("/longer.pdf")}
    ));
    EXPECT_EQ(get.wait(), 1);
    EXPECT_EQ(content_of(temp / "a.pdf"), "/a.pdf");
    EXPECT_EQ(content_of(temp / "b1"), "/b1");
    EXPECT_FALSE(std::filesystem::exists(temp / "a.txt"));
    EXPECT_FALSE(std::filesystem::exists(temp / "longer.pdf"));
    EXPECT_THAT(get.errors(), HasSubstr("it has more than the 7 bytes allowed"));
    EXPECT_EQ(server.requests().size(), 3U);

    // Nobody announces this one's length.
    raw_server endless([](raw_connection& to, const std::string&) {
        to.send("HTTP/1.1 200 x\r\n\r\n" + std::string(100'000, 'x'));
        to.wait_for_end();
        return false;
    });
    program cut(words({"--max-size", "50KB", endless.url("/e")}));
    EXPECT_EQ(cut.wait(), 1);
    EXPECT_THAT(cut.errors(), HasSubstr("more than the 50000 bytes allowed"));
    EXPECT_FALSE(std::filesystem::exists(temp / "e.part"));
}

TEST_P(amphi_get_lists, need_no_name_for_what_is_printed_and_keep_to_the_size) {
    raw_server any([](raw_connection& to, const std::string& head) {
        // Once with its length, once without.
        if (head.starts_with("GET /sized"))
            to.answer(200, "12345");
        else
            to.send("HTTP/1.1 200 x\r\n\r\n12345");
        return false;
    });
    program nameless(words({"-O", "-", "--max-size", "5", any.url("/")}));
    EXPECT_EQ(nameless.wait(), 0) << nameless.errors();
    EXPECT_EQ(nameless.output(), "12345");
    for (const char* const path : {"/sized", "/"}) {
        program get(words({"-O", "-", "--max-size", "4", any.url(path)}));
        EXPECT_EQ(get.wait(), 1);
        EXPECT_EQ(get.output(), "");
        EXPECT_THAT(get.errors(), HasSubstr("it has more than the 4 bytes allowed"));
    }
}

}  // namespace

}  // namespace amphi::cli
