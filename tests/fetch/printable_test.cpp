// SPDX-License-Identifier: BSL-1.0
#include "fetch/printable.hpp"

#include <string>

#include <gtest/gtest.h>

namespace amphi::fetch {

namespace {

TEST(printable, leaves_text_as_it_is) {
    EXPECT_EQ(printable(""), "");
    EXPECT_EQ(printable("a b~/\\\"'"), "a b~/\\\"'");
    EXPECT_EQ(printable("\u00e4\u20ac\U0001f438"), "\u00e4\u20ac\U0001f438");
}

TEST(printable, disarms_what_a_terminal_would_obey) {
    EXPECT_EQ(printable("\x1b]0;x\a"), "\\x1b]0;x\\x07");
    EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
    EXPECT_EQ(printable("\r\n\t\x7f"), "\\x0d\\x0a\\x09\\x7f");
    EXPECT_EQ(printable("\u009b31m"), "\\u009b31m") << "a CSI of one character";
    EXPECT_EQ(
        printable("\x9b"
                  "31m"),
        "\\x9b31m"
    ) << "a CSI of one byte";
    EXPECT_EQ(printable("a\u202egpj.exe"), "a\\u202egpj.exe") << "right to left";
    EXPECT_EQ(printable("\u2066\u200f\u2028\u061c"), "\\u2066\\u200f\\u2028\\u061c");
}

TEST(printable, shows_what_is_no_utf8_byte_by_byte) {
    EXPECT_EQ(printable("\xe4"), "\\xe4");
    EXPECT_EQ(printable("\xe4x"), "\\xe4x");
    EXPECT_EQ(printable("\xc0\x9b"), "\\xc0\\x9b") << "too long a form of ESC";
    EXPECT_EQ(printable("\xe0\x80\x9b"), "\\xe0\\x80\\x9b");
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half a pair of UTF-16";
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond the last";
    EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82") << "cut off";
}

TEST(json_escaped, makes_a_string_of_anything) {
    EXPECT_EQ(json_escaped("a\"b\\c"), "a\\\"b\\\\c");
    EXPECT_EQ(json_escaped("\n\x1b"), "\\u000a\\u001b");
    EXPECT_EQ(json_escaped("\xff"), "\\\\xff");
    EXPECT_EQ(json_escaped("\u00e4\u202e"), "\u00e4\\u202e");
}

}  // namespace

}  // namespace amphi::fetch
