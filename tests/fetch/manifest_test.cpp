// SPDX-License-Identifier: BSL-1.0
#include "fetch/manifest.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

namespace amphi::fetch {

namespace {

using namespace amphi::testing;
using ::testing::HasSubstr;
using ::testing::Not;

class manifests : public ::testing::Test {
public:
    void remember(const std::string& url, const std::string& path, std::uint64_t size = 1) {
        manifest_entry entry;
        entry.key = manifest_key(http::url(url));
        entry.path = path;
        entry.size = size;
        entry.etag = "\"1\"";
        manifest(folder).add(entry);
    }
    [[nodiscard]] std::optional<manifest_entry>
    find(const std::string& url, const std::string& path = "x") const {
        return manifest(folder).find(http::url(url), path);
    }
    [[nodiscard]] std::string text() const {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void append(std::string_view more) const { std::ofstream(file, std::ios::app) << more; }
    [[nodiscard]] std::ptrdiff_t lines() const {
        const std::string all = text();
        return std::count(all.begin(), all.end(), '\n');
    }

    temp_folder temp;
    std::filesystem::path file = temp / manifest::file_name;
    target_folder folder{temp.path().string()};
};

TEST_F(manifests, are_made_by_the_first_file_alone) {
    EXPECT_FALSE(find("http://a/x"));
    EXPECT_FALSE(std::filesystem::exists(file));
    remember("http://a/x", "x", 7);
    const auto found = find("http://a/x");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->path, "x");
    EXPECT_EQ(found->size, 7U);
    EXPECT_EQ(found->etag, "\"1\"");
    EXPECT_FALSE(find("http://a/y", "y"));
    remember("http://a/x", "other name", 8);
    EXPECT_EQ(find("http://a/x")->size, 7U);
    EXPECT_EQ(find("http://a/x", "other name")->size, 8U);
}

TEST_F(manifests, say_all_that_they_were_told) {
    manifest_entry entry;
    entry.key = "http://a/x";
    entry.path = "a \"quoted\" name";
    entry.size = 1ULL << 62;
    entry.etag = R"(W/"\")";
    entry.last_modified = "Sun, 06 Nov 1994 08:49:37 GMT";
    entry.sha256.emplace().fill(std::byte{0xab});
    const auto line = to_line(entry, std::chrono::system_clock::time_point());
    ASSERT_TRUE(line);
    EXPECT_THAT(*line, HasSubstr(R"("time":"1970-01-01T00:00:00Z")"));
    const auto parsed = parse_manifest_line(*line);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->key, entry.key);
    EXPECT_EQ(parsed->path, entry.path);
    EXPECT_EQ(parsed->size, entry.size);
    EXPECT_EQ(parsed->etag, entry.etag);
    EXPECT_EQ(parsed->last_modified, entry.last_modified);
    EXPECT_EQ(parsed->sha256, entry.sha256);

    entry.path = "a\nb";
    EXPECT_FALSE(to_line(entry, {})) << "it could not be read back";
    entry.path = "x";
    entry.etag = "\"\xff\"";
    EXPECT_THAT(*to_line(entry, {}), Not(HasSubstr("etag")));
}

TEST_F(manifests, keep_no_secret_of_a_url) {
    remember("http://user:word@a/x?token=word&b=1", "x");
    EXPECT_THAT(text(), Not(HasSubstr("word")));
    EXPECT_TRUE(find("http://user:word@a/x?token=word&b=1"));
    EXPECT_FALSE(find("http://user:word@a/x?token=other&b=1"));
    EXPECT_FALSE(find("http://a/x?token=***&b=1"));
}

TEST_F(manifests, believe_the_latest_line_and_drop_the_others) {
    for (std::uint64_t size = 1; size <= 3; ++size)
        remember("http://a/x", "x", size);
    remember("http://a/y", "y");
    EXPECT_EQ(find("http://a/x")->size, 3U);
    EXPECT_EQ(lines(), 2);
    EXPECT_EQ(find("http://a/x")->size, 3U);
    EXPECT_TRUE(find("http://a/y", "y"));
    EXPECT_FALSE(std::filesystem::exists(temp / ".amphi-manifest.new"));
}

TEST_F(manifests, survive_a_line_that_was_torn_off) {
    remember("http://a/x", "x");
    append(R"({"url":"http://a/y","path":"y","si)");
    {
        manifest torn(folder);
        EXPECT_THAT(torn.damage(), HasSubstr("line 2 is damaged and ignored"));
        EXPECT_TRUE(torn.find(http::url("http://a/x"), "x"));
        EXPECT_FALSE(torn.find(http::url("http://a/y"), "y"));
    }
    EXPECT_EQ(manifest(folder).damage(), "") << "it is gone by now";
    // Also when nobody could drop it.
    append(R"({"url":"http)");
    const manifest other_run(folder);
    append(R"({"url":"http://a/z","pa)");
    remember("http://a/y", "y");
    EXPECT_TRUE(find("http://a/y", "y"));
    EXPECT_TRUE(find("http://a/x"));
}

TEST_F(manifests, name_a_damaged_line_and_read_the_others) {
    for (const char* const line :
         {"garbage",
          "{}",
          "[1,2]",
          R"({"url":"http://a/b","path":"b","size":-1})",
          R"({"url":"http://a/b","path":"b","size":"1"})",
          R"({"url":"http://a/b","path":"b","size":1,"sha256":"12"})",
          R"({"url":"http://a/b","path":"b","size":1} x)",
          "\xff\xfe",
          ""}) {
        std::ofstream(file) << R"({"url":"http://a/x","path":"x","size":1})" << "\n"
                            << line << "\n"
                            << R"({"url":"http://a/y","path":"y","size":1,"more":[{}]})" << "\n";
        const manifest read(folder);
        EXPECT_THAT(read.damage(), HasSubstr("line 2 is damaged")) << line;
        EXPECT_FALSE(read.find(http::url("http://a/b"), "b"));
        EXPECT_TRUE(read.find(http::url("http://a/x"), "x"));
        EXPECT_TRUE(read.find(http::url("http://a/y"), "y"));
        EXPECT_EQ(lines(), 2);
    }
    std::ofstream(file) << std::string(100'000, 'x') << "\n" << std::string(300'000, 'y');
    EXPECT_THAT(manifest(folder).damage(), HasSubstr("line 1 and 1 more are damaged"));
    // Whatever is longer than a line can be is one of them, and the ones behind it are read.
    for (const std::size_t bytes :
         {std::size_t{131'071}, std::size_t{131'072}, std::size_t{700'000}}) {
        remember("http://a/x", "x");
        append(std::string(bytes, 'z') + "\n");
        append(R"({"url":"http://a/y","path":"y","size":1})"
               "\n");
        const manifest read(folder);
        EXPECT_THAT(read.damage(), HasSubstr("line 2 is damaged")) << bytes;
        EXPECT_TRUE(read.find(http::url("http://a/x"), "x"));
        EXPECT_TRUE(read.find(http::url("http://a/y"), "y"));
        EXPECT_EQ(lines(), 2) << "it is gone by now";
        std::filesystem::remove(file);
    }
}

TEST_F(manifests, take_no_header_line_from_a_planted_one) {
    std::ofstream(file) << R"({"url":"http://a/x","path":"x","size":1,"etag":"\"\r\nEvil: 1"})"
                        << "\n";
    const auto found = find("http://a/x");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->etag, "");
}

TEST_F(manifests, are_shared_by_several_runs) {
    remember("http://a/x", "x", 1);
    remember("http://a/x", "x", 2);
    manifest one(folder);
    manifest other(folder);
    manifest_entry entry;
    entry.path = "y";
    entry.key = "http://a/1";
    one.add(entry);
    entry.key = "http://a/2";
    other.add(entry);
    append("damage\n");
    const manifest late(folder);
    EXPECT_THAT(late.damage(), HasSubstr("damaged"));
    EXPECT_THAT(text(), HasSubstr("damage\n")) << "the others append to it";
    for (const char* const url : {"http://a/1", "http://a/2"})
        EXPECT_TRUE(late.find(http::url(url), "y"));
    EXPECT_TRUE(late.find(http::url("http://a/x"), "x"));
}

TEST_F(manifests, are_no_links_and_nobody_elses_file) {
    const temp_folder other;
    std::ofstream(other / "theirs") << "theirs";
    const auto refused = [&]() -> std::string {
        try {
            const manifest read(folder);
        } catch (const std::system_error& error) {
            return error.what();
        }
        return "nothing";
    };
    std::filesystem::create_symlink(other / "theirs", file);
    EXPECT_THAT(refused(), HasSubstr(".amphi-manifest"));
    std::filesystem::remove(file);
    std::filesystem::create_hard_link(other / "theirs", file);
    EXPECT_THAT(refused(), HasSubstr("no manifest of ours"));
    std::filesystem::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
    EXPECT_THAT(refused(), HasSubstr("no manifest of ours"));
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    EXPECT_THAT(refused(), HasSubstr("Is a directory"));
    EXPECT_EQ(std::filesystem::file_size(other / "theirs"), 6U);
}

TEST_F(manifests, with_many_lines_are_read_in_pieces) {
    constexpr int count = 5000;
    {
        manifest all(folder);
        manifest_entry entry;
        for (int i = 0; i < count; ++i) {
            entry.key = "http://a/" + std::to_string(i);
            entry.path = std::to_string(i);
            entry.size = static_cast<std::uint64_t>(i);
            all.add(entry);
        }
        for (int i = 0; i < count; i += 2) {
            entry.key = "http://a/" + std::to_string(i);
            entry.path = std::to_string(i);
            entry.etag = "\"again\"";
            all.add(entry);
        }
    }
    for (int round = 0; round < 2; ++round) {
        const manifest read(folder);
        EXPECT_EQ(lines(), count);
        for (int i = 0; i < count; ++i) {
            const std::string name = std::to_string(i);
            const auto found = read.find(http::url("http://a/" + name), name);
            ASSERT_TRUE(found) << i;
            EXPECT_EQ(found->etag, i % 2 == 0 ? "\"again\"" : "");
        }
    }
}

}  // namespace

}  // namespace amphi::fetch
