// SPDX-License-Identifier: BSL-1.0
#include "serve/target.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace amphi::serve {
namespace {

using namespace std::string_view_literals;

TEST(target, names_a_path_below_the_folder) {
    EXPECT_EQ(path_of_target("/a/b.txt"), "a/b.txt");
    EXPECT_EQ(path_of_target("/"), "");
    EXPECT_EQ(path_of_target("///a"), "a");
    EXPECT_EQ(path_of_target("/..a/b../...").value(), "..a/b../...");
}

TEST(target, ends_at_the_query) {
    EXPECT_EQ(path_of_target("/a?b=/c"), "a");
    EXPECT_EQ(path_of_target("/a#b"), "a");
    EXPECT_EQ(path_of_target("/a%3Fb"), "a?b");
}

TEST(target, is_decoded_once) {
    EXPECT_EQ(path_of_target("/a%20b%C3%a4"), "a b\xC3\xA4");
    EXPECT_EQ(path_of_target("/%252e%252e/a"), "%2e%2e/a");
    EXPECT_EQ(path_of_target("/a%2Fb"), "a/b");
    EXPECT_EQ(path_of_target("/%2Fetc/passwd"), "etc/passwd");
}

TEST(target, of_a_proxy_has_an_authority_to_leave_out) {
    EXPECT_EQ(path_of_target("http://host:80/a"), "a");
    EXPECT_EQ(path_of_target("https://host"), "");
    EXPECT_EQ(path_of_target("http://host?x"), std::nullopt);
}

TEST(target, that_goes_up_is_refused) {
    for (const char* const target : {
             "/..",
             "/../x",
             "/a/..",
             "/a/../b",
             "/%2e%2e/x",
             "/%2E./x",
             "/a%2f..%2f..%2fx",
             "//../x",
             "/a/..?b",
         })
        EXPECT_EQ(path_of_target(target), std::nullopt) << target;
}

TEST(target, that_is_malformed_is_refused) {
    for (const auto target : {
             ""sv,
             "*"sv,
             "a"sv,
             "ftp://host/a"sv,
             "/%"sv,
             "/%4"sv,
             "/%4g"sv,
             "/%g4"sv,
             "/%-1"sv,
             "/a%00b"sv,
             "/a\0b"sv,
         })
        EXPECT_EQ(path_of_target(target), std::nullopt) << target;
}

}  // namespace
}  // namespace amphi::serve
