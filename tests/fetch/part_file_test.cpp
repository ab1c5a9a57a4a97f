// SPDX-License-Identifier: BSL-1.0
#include "fetch/part_file.hpp"
#include "support/temp_folder.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>
#include <unistd.h>

namespace amphi::fetch {

namespace {

using amphi::testing::temp_folder;

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void fill(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

part_origin origin_of(std::string validator, std::uint64_t total) {
    part_origin origin;
    origin.validator = std::move(validator);
    origin.total = total;
    return origin;
}

class part_files : public ::testing::Test {
public:
    /// What a run that is stopped after `text` leaves behind.
    void leave(const std::string& text, const std::string& url = "http://a/x") {
        part_file part(folder, "x", url);
        part.start(origin_of("\"tag\"", 10));
        part.write(bytes_of(text));
    }

    temp_folder temp;
    target_folder folder{temp.path().string()};
};

TEST_F(part_files, get_their_name_when_complete) {
    {
        part_file part(folder, "x", "http://a/x");
        part.start(origin_of("\"tag\"", 5));
        part.write(bytes_of("hel"));
        part.write(bytes_of("lo"));
        EXPECT_TRUE(std::filesystem::exists(temp / "x.part"));
        EXPECT_FALSE(std::filesystem::exists(temp / "x"));
        EXPECT_TRUE(part.commit(false));
    }
    EXPECT_EQ(content_of(temp / "x"), "hello");
    EXPECT_FALSE(std::filesystem::exists(temp / "x.part"));
    EXPECT_FALSE(std::filesystem::exists(temp / "x.part.from"));
}

TEST_F(part_files, never_replace_a_file_unasked) {
    fill(temp / "x", "mine");
    {
        part_file part(folder, "x", "http://a/x");
        part.start(origin_of("", 1));
        part.write(bytes_of("y"));
        EXPECT_FALSE(part.commit(false));
    }
    EXPECT_EQ(content_of(temp / "x"), "mine");
    EXPECT_FALSE(std::filesystem::exists(temp / "x.part"));

    part_file part(folder, "x", "http://a/x");
    part.start(origin_of("", 1));
    part.write(bytes_of("y"));
    EXPECT_TRUE(part.commit(true));
    EXPECT_EQ(content_of(temp / "x"), "y");
}

TEST_F(part_files, are_continued_by_the_same_url) {
    leave("hello");
    part_file part(folder, "x", "http://a/x");
    EXPECT_EQ(part.find(), 5U);
    EXPECT_EQ(part.origin().validator, "\"tag\"");
    EXPECT_EQ(part.origin().total, 10U);
    part.write(bytes_of("world"));
    EXPECT_TRUE(part.commit(false));
    EXPECT_EQ(content_of(temp / "x"), "helloworld");
    EXPECT_FALSE(std::filesystem::exists(temp / "x.part.from"));
}

TEST_F(part_files, that_are_complete_ask_for_their_last_byte) {
    leave("helloworld");
    part_file part(folder, "x", "http://a/x");
    EXPECT_EQ(part.find(), 9U);
    part.write(bytes_of("d"));
    EXPECT_TRUE(part.commit(false));
    EXPECT_EQ(content_of(temp / "x"), "helloworld");
}

TEST_F(part_files, of_another_url_begin_anew) {
    leave("hello", "http://other/x");
    {
        part_file part(folder, "x", "http://a/x");
        EXPECT_FALSE(part.find());
        part.start(origin_of("\"new\"", 3));
        part.write(bytes_of("abc"));
        EXPECT_TRUE(part.commit(false));
    }
    EXPECT_EQ(content_of(temp / "x"), "abc");
}

TEST_F(part_files, without_a_trustworthy_origin_begin_anew) {
    for (const char* const origin : {"", "x", "x\ny\nz\n", "\n\n\n"}) {
        leave("hello");
        fill(temp / "x.part.from", origin);
        part_file part(folder, "x", "http://a/x");
        EXPECT_FALSE(part.find()) << origin;
        part.discard();
    }
    leave("hello");
    std::filesystem::remove(temp / "x.part.from");
    part_file part(folder, "x", "http://a/x");
    EXPECT_FALSE(part.find());
}

TEST_F(part_files, keep_no_secret_of_their_url) {
    leave("hello", "http://user:word@a/x?token=word");
    const std::string origin = content_of(temp / "x.part.from");
    EXPECT_NE(origin, "");
    EXPECT_EQ(origin.find("word"), std::string::npos);
}

TEST_F(part_files, leave_nothing_when_nothing_came) {
    {
        part_file part(folder, "x", "http://a/x");
        part.start(origin_of("\"tag\"", 5));
    }
    EXPECT_TRUE(std::filesystem::is_empty(temp.path()));
}

TEST_F(part_files, remove_all_when_discarded) {
    leave("hello");
    part_file part(folder, "x", "http://a/x");
    EXPECT_TRUE(part.find());
    part.discard();
    EXPECT_TRUE(std::filesystem::is_empty(temp.path()));
}

int error_of(const std::function<void()>& act) {
    try {
        act();
    } catch (const std::system_error& error) {
        return error.code().value();
    }
    return 0;
}

TEST_F(part_files, follow_no_planted_link) {
    const temp_folder elsewhere;
    fill(elsewhere / "victim", "precious");
    for (const char* const planted : {"x.part", "x.part.from"}) {
        std::filesystem::create_symlink(elsewhere / "victim", temp / planted);
        (void)error_of([&] { leave("hello"); });
        EXPECT_EQ(content_of(elsewhere / "victim"), "precious") << planted;
        std::filesystem::remove(temp / planted);
    }
    std::filesystem::remove(temp / "x.part");
    // A link to nowhere would make a file there.
    std::filesystem::create_symlink(elsewhere / "new", temp / "x.part");
    EXPECT_EQ(error_of([&] { leave("hello"); }), ELOOP);
    part_file part(folder, "x", "http://a/x");
    EXPECT_EQ(error_of([&] { (void)part.find(); }), ELOOP);
    EXPECT_FALSE(std::filesystem::exists(elsewhere / "new"));
}

TEST_F(part_files, refuse_a_second_name_of_another_file) {
    const temp_folder elsewhere;
    fill(temp / "victim", "precious");
    std::filesystem::create_hard_link(temp / "victim", temp / "x.part");
    const target_folder found(temp.path().string());
    part_file part(found, "x", "http://a/x");
    EXPECT_EQ(error_of([&] { (void)part.find(); }), EEXIST);
    EXPECT_EQ(content_of(temp / "victim"), "precious");
}

TEST_F(part_files, are_written_by_one_download_at_a_time) {
    leave("hello");
    part_file first(folder, "x", "http://a/x");
    EXPECT_TRUE(first.find());
    part_file second(folder, "x", "http://a/x");
    EXPECT_EQ(error_of([&] { (void)second.find(); }), EBUSY);
}

TEST_F(part_files, that_another_process_has_begun_meanwhile_are_refused) {
    part_file first(folder, "x", "http://a/x");
    first.start(origin_of("", 1));
    part_file second(folder, "x", "http://a/x");
    EXPECT_FALSE(second.find());
    EXPECT_EQ(error_of([&] { second.start(origin_of("", 1)); }), EBUSY);
    first.write(bytes_of("y"));
    EXPECT_TRUE(first.commit(false));
    EXPECT_EQ(content_of(temp / "x"), "y");
}

TEST_F(part_files, are_looked_for_where_something_was_at_the_beginning) {
    fill(temp / "x", "");
    EXPECT_FALSE(folder.has("x"));
    const target_folder found(temp.path().string());
    EXPECT_TRUE(found.has("x"));
    EXPECT_FALSE(found.may_have("x.part"));
    leave("hello");
    EXPECT_TRUE(folder.may_have("x.part"));
    EXPECT_TRUE(folder.has("x"));
}

TEST_F(part_files, are_looked_for_in_a_crowded_folder) {
    for (int i = 0; i < 4200; ++i)
        fill(temp / std::to_string(i), "");
    const target_folder crowded(temp.path().string());
    fill(temp / "x", "");
    EXPECT_TRUE(crowded.has("x"));
    EXPECT_FALSE(crowded.has("y"));
}

TEST_F(part_files, stay_in_their_folder_when_its_path_changes) {
    std::filesystem::create_directory(temp / "real");
    const target_folder real((temp / "real").string());
    std::filesystem::rename(temp / "real", temp / "moved");
    std::filesystem::create_directory(temp / "real");
    part_file part(real, "x", "http://a/x");
    part.start(origin_of("", 1));
    part.write(bytes_of("y"));
    EXPECT_TRUE(part.commit(false));
    EXPECT_TRUE(std::filesystem::exists(temp / "moved/x"));
    EXPECT_FALSE(std::filesystem::exists(temp / "real/x"));
}

TEST_F(part_files, need_a_folder) {
    EXPECT_EQ(error_of([&] { const target_folder none((temp / "none").string()); }), ENOENT);
    fill(temp / "file", "");
    EXPECT_EQ(error_of([&] { const target_folder none((temp / "file").string()); }), ENOTDIR);
}

}  // namespace

}  // namespace amphi::fetch
