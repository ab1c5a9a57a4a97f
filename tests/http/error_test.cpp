// SPDX-License-Identifier: BSL-1.0
#include <amphi/http/error.hpp>

#include <string>

#include <gtest/gtest.h>

namespace amphi::http {

namespace {

TEST(fetch_error, says_url_and_cause) {
    const fetch_error error(failure::connect, "http://a/", "nobody answers");
    EXPECT_STREQ(error.what(), "http://a/: nobody answers");
    EXPECT_EQ(error.cause(), "nobody answers");
    EXPECT_EQ(error.kind(), failure::connect);
}

TEST(fetch_error, is_temporary_when_the_network_or_the_server_failed) {
    for (const failure kind :
         {failure::name_lookup,
          failure::connect,
          failure::connect_timeout,
          failure::stalled,
          failure::connection_lost,
          failure::short_body})
        EXPECT_TRUE(fetch_error(kind, "u", "c").temporary());
    for (const failure kind :
         {failure::bad_url,
          failure::name_not_found,
          failure::tls,
          failure::untrusted,
          failure::certificate,
          failure::ca_file,
          failure::bad_response,
          failure::redirect,
          failure::local,
          failure::proxy})
        EXPECT_FALSE(fetch_error(kind, "u", "c").temporary());
}

}  // namespace

}  // namespace amphi::http
