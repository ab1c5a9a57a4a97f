// SPDX-License-Identifier: BSL-1.0
#include "fetch/claimed_names.hpp"
#include "fetch/file_name.hpp"
#include "fetch/list_row.hpp"
#include "fetch/place.hpp"
#include "fetch/settings.hpp"
#include "fetch/wanted_file.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

namespace amphi::fetch {

namespace {

using namespace amphi::testing;

const std::string sum(64, 'a');

TEST(list_row, is_told_from_its_looks) {
    const list_row url = parse_row("http://a/b", row_format::any);
    EXPECT_EQ(url.url, "http://a/b");
    EXPECT_FALSE(url.has_more());
    const list_row tsv = parse_row("http://a/b\tx/y\t12\t" + sum, row_format::any);
    EXPECT_EQ(tsv.url, "http://a/b");
    EXPECT_EQ(tsv.path, "x/y");
    EXPECT_EQ(tsv.size, 12U);
    EXPECT_EQ(to_hex(*tsv.sha256), sum);
    const list_row sparse = parse_row("http://a/b\t\t\t" + sum, row_format::tsv);
    EXPECT_EQ(sparse.path, "");
    EXPECT_FALSE(sparse.size);
    EXPECT_TRUE(sparse.sha256);
    const list_row json = parse_row(
        R"({"url":"http://a/b","etag":"\"1\"","path":"x","size":12,"sha256":")" + sum + R"("})",
        row_format::any
    );
    EXPECT_EQ(json.path, "x");
    EXPECT_EQ(json.size, 12U);
    EXPECT_EQ(to_hex(*json.sha256), sum);
    EXPECT_EQ(parse_row("{", row_format::urls).url, "{");
}

TEST(list_row, is_refused_for_what_is_wrong_in_it) {
    for (const std::string& bad : {
             std::string("http://a\tb\t1\t" + sum + "\tmore"),
             std::string("http://a\tb\tmany"),
             std::string("http://a\tb\t-1"),
             std::string("http://a\tb\t1\t12"),
             std::string("{"),
             std::string("{}"),
             std::string(R"({"url":1})"),
             std::string(R"({"url":"http://a","size":"1"})"),
             std::string(R"({"url":"http://a","size":1.5})"),
             std::string(R"({"url":"http://a","path":7})"),
             std::string(R"({"url":"http://a","sha256":"12"})"),
             std::string(R"({"url":"http://a?key=***","url_sha256":"12"})"),
         })
        EXPECT_THROW((void)parse_row(bad, row_format::any), std::invalid_argument) << bad;
    EXPECT_THROW((void)parse_row("http://a", row_format::json), std::invalid_argument);
}

TEST(list_row, is_written_as_it_is_read) {
    EXPECT_EQ(to_text(parse_row("http://a/b", row_format::any)), "http://a/b");
    const list_row row = parse_row("http://a/\"\tx y\t0\t" + sum, row_format::any);
    const list_row again = parse_row(to_text(row), row_format::any);
    EXPECT_EQ(again.url, row.url);
    EXPECT_EQ(again.path, row.path);
    EXPECT_EQ(again.size, row.size);
    EXPECT_EQ(again.sha256, row.sha256);
}

TEST(wanted_file, goes_to_no_path_that_leaves_its_folder) {
    for (const char* const path :
         {"/etc/x",
          "a//b",
          "../x",
          "a/../x",
          "a/.",
          ".ssh/x",
          "a/-x",
          "a\\b",
          "a/",
          "a/x.part",
          "a/\x1b",
          "a.part/x"}) {
        list_row row;
        row.url = "http://h/ok";
        row.path = path;
        EXPECT_THROW((void)wanted_by(settings(), row), std::invalid_argument) << path;
    }
    list_row row;
    row.url = "http://h/ok";
    row.path = "a/b c/d";
    EXPECT_EQ(wanted_by(settings(), row).name, "a/b c/d");
    EXPECT_EQ(row_of(settings(), wanted_by(settings(), row)).path, "a/b c/d");
}

TEST(wanted_file, makes_a_tree_of_host_and_path) {
    const auto name_of = [](const char* url) { return tree_name_of(http::url(url)); };
    EXPECT_EQ(name_of("http://Host/a/b.txt?q=1"), "host/a/b.txt");
    EXPECT_EQ(name_of("http://host:8080/"), "host:8080/index.html");
    EXPECT_EQ(name_of("https://host:443/a//b%20c/"), "host/a/b c/index.html");
    EXPECT_EQ(name_of("http://[::1]/x"), "[::1]/x");
    for (const char* const url :
         {"http://h/%2e%2e/x",
          "http://h/a/..%2fx/y",
          "http://h/.git/x",
          "http://h/a%5c/x",
          "http://h/-a/x",
          "http://h/a/%00",
          "http://h/x.part"})
        EXPECT_THROW((void)name_of(url), std::invalid_argument) << url;
}

TEST(wanted_file, is_accepted_by_its_name_or_its_path) {
    settings how;
    EXPECT_TRUE(is_accepted(how, "x"));
    how.accept = {"*.pdf", "h/docs/*"};
    EXPECT_TRUE(is_accepted(how, "h/a/b.pdf"));
    EXPECT_TRUE(is_accepted(how, "h/docs/x"));
    EXPECT_FALSE(is_accepted(how, "h/x.txt"));
}

TEST(claimed_names, know_names_that_do_not_come_from_the_url) {
    claimed_names names;
    EXPECT_FALSE(names.claim("x", "http://a/y", true));
    EXPECT_FALSE(names.claim("y", "http://a/y"));
    EXPECT_EQ(names.claim("x", "http://a/x"), "http://a/y");
    EXPECT_EQ(names.claim("y", "http://b/z", true), "http://a/y");
    claimed_names tree(tree_name_of);
    EXPECT_FALSE(tree.claim("a/x", "http://a/x"));
    EXPECT_EQ(tree.claim("a/x", "http://a/x?q"), "http://a/x");
}

TEST(place, is_in_folders_that_are_made_when_they_are_needed) {
    const temp_folder temp;
    const target_folder root(temp.path().string());
    place one(root, "a/b/c");
    EXPECT_EQ(one.folder(), nullptr);
    EXPECT_FALSE(one.is_taken());
    EXPECT_FALSE(std::filesystem::exists(temp / "a"));
    EXPECT_EQ(one.made_folder().path(), (temp / "a/b").string());
    EXPECT_TRUE(std::filesystem::is_directory(temp / "a/b"));
    EXPECT_EQ(one.name(), "c");
    const place again(root, "a/b/c");
    EXPECT_NE(again.folder(), nullptr);
    const place top(root, "c");
    EXPECT_EQ(top.folder(), &root);
}

TEST(place, is_behind_no_symbolic_link) {
    const temp_folder temp;
    const temp_folder other;
    const target_folder root(temp.path().string());
    std::filesystem::create_directory_symlink(other.path(), temp / "a");
    EXPECT_THROW(place(root, "a/x"), std::system_error);
    std::filesystem::create_directory(temp / "b");
    std::filesystem::create_directory_symlink("..", temp / "b/up");
    EXPECT_THROW(place(root, "b/up/x"), std::system_error);
    std::filesystem::create_directory(other / "in");
    EXPECT_THROW(place(root, "a/in/x"), std::system_error);
}

}  // namespace

}  // namespace amphi::fetch
