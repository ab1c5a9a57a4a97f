// SPDX-License-Identifier: BSL-1.0
#include "fetch/claimed_names.hpp"
#include "fetch/file_name.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace amphi::fetch {

namespace {

std::string name_of_path(const std::string& path) {
    return file_name_of(http::url("http://host" + path));
}

TEST(file_name_of, takes_the_last_part_decoded_once) {
    EXPECT_EQ(name_of_path("/a/b.txt"), "b.txt");
    EXPECT_EQ(name_of_path("/a%20b"), "a b");
    EXPECT_EQ(name_of_path("/%252e%252e%252f"), "%2e%2e%2f");
    EXPECT_EQ(name_of_path("/100%"), "100%");
    EXPECT_EQ(name_of_path("/%4"), "%4");
    EXPECT_EQ(name_of_path("/%zz"), "%zz");
    EXPECT_EQ(name_of_path("/a?b=/c#d"), "a");
    EXPECT_EQ(name_of_path("/%c3%a4"), "\u00e4");
}

TEST(file_name_of, has_a_name_for_a_folders_page) {
    EXPECT_EQ(name_of_path(""), "index.html");
    EXPECT_EQ(name_of_path("/"), "index.html");
    EXPECT_EQ(name_of_path("/a/"), "index.html");
}

TEST(file_name_of, refuses_what_leaves_the_folder_hides_or_looks_like_an_option) {
    for (const char* const path :
         {"/..%2fx",
          "/%2e%2e%2f",
          "/%2Fetc%2Fpasswd",
          "/a%5cb",
          "/.bashrc",
          "/%2ebashrc",
          "/%2e%2e",
          "/%2e",
          "/-rf",
          "/%2drf",
          "/x.part"})
        EXPECT_THROW(name_of_path(path), std::invalid_argument) << path;
}

TEST(file_name_of, refuses_what_cannot_be_shown) {
    for (const char* const path :
         {"/%00",
          "/a%00b",
          "/%1b%5d0;x%07",
          "/a%0ab",
          "/%7f",
          "/%c2%9b31m",
          "/%9b31m",
          "/%e2%80%aegpj.exe",
          "/%ff"})
        EXPECT_THROW(name_of_path(path), std::invalid_argument) << path;
}

TEST(file_name_of, leaves_room_for_the_endings_of_what_is_unfinished) {
    EXPECT_EQ(name_of_path("/" + std::string(240, 'x')).size(), 240U);
    EXPECT_THROW(name_of_path("/" + std::string(241, 'x')), std::invalid_argument);
}

TEST(claimed_names, belong_to_the_first_url) {
    claimed_names names;
    EXPECT_FALSE(names.claim("a", "http://one/a"));
    EXPECT_FALSE(names.claim("b", "http://one/b"));
    EXPECT_EQ(names.claim("a", "http://two/a"), "http://one/a");
    EXPECT_EQ(names.claim("a", "http://three/a"), "http://one/a");
}

TEST(claimed_names, are_kept_by_the_hundred_thousand) {
    claimed_names names;
    for (int i = 0; i < 100'000; ++i)
        ASSERT_FALSE(names.claim(std::to_string(i), "http://one/" + std::to_string(i)));
    EXPECT_EQ(names.claim("77777", "http://two/77777"), "http://one/77777");
    EXPECT_FALSE(names.claim("x", "http://one/" + std::string(200'000, 'y') + "/x"));
    EXPECT_TRUE(names.claim("x", "http://two/x"));
}

}  // namespace

}  // namespace amphi::fetch
