// SPDX-License-Identifier: BSL-1.0
#include "serve/content_type.hpp"

#include <gtest/gtest.h>

namespace amphi::serve {
namespace {

TEST(content_type, is_told_by_the_suffix_in_either_case) {
    EXPECT_EQ(content_type_of("a.html"), "text/html; charset=utf-8");
    EXPECT_EQ(content_type_of("a/b.JPEG"), "image/jpeg");
    EXPECT_EQ(content_type_of("a.tar.gz"), "application/gzip");
}

TEST(content_type, of_all_else_is_a_stream_of_octets) {
    for (const char* const path : {"", "a", "a.", "html", "a.html/b", "a.htmlx", "a.unknown"})
        EXPECT_EQ(content_type_of(path), "application/octet-stream") << path;
}

}  // namespace
}  // namespace amphi::serve
