// SPDX-License-Identifier: BSL-1.0
#include <amphi/tls/error.hpp>

#include <type_traits>

#include <gtest/gtest.h>

namespace amphi::tls {
namespace {

static_assert(std::is_copy_assignable_v<tls_error>);

TEST(tls_error, says_what_was_done_and_why_it_failed) {
    const tls_error error(failure::untrusted, "TLS handshake with example.org", "self-signed");
    EXPECT_STREQ(error.what(), "TLS handshake with example.org: self-signed");
    EXPECT_EQ(error.reason(), "self-signed");
    EXPECT_EQ(error.kind(), failure::untrusted);
}

}  // namespace
}  // namespace amphi::tls
