// SPDX-License-Identifier: BSL-1.0
#include "fetch/sha256.hpp"

#include <span>
#include <string>

#include <gtest/gtest.h>

namespace amphi::fetch {

namespace {

TEST(sha256, of_known_texts) {
    sha256 hash;
    EXPECT_EQ(
        to_hex(hash.finish()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    const std::string text = "abc";
    hash.update(std::as_bytes(std::span(text)).first(1));
    hash.update(std::as_bytes(std::span(text)).subspan(1));
    const sha256_digest digest = hash.finish();
    EXPECT_EQ(to_hex(digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(parse_sha256(to_hex(digest)), digest);
    EXPECT_EQ(
        parse_sha256("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"), digest
    );
}

TEST(parse_sha256, wants_64_digits) {
    for (const std::string& text :
         {std::string(),
          std::string(63, 'a'),
          std::string(65, 'a'),
          std::string(64, 'g'),
          " " + std::string(63, 'a')})
        EXPECT_FALSE(parse_sha256(text)) << text;
}

}  // namespace

}  // namespace amphi::fetch
