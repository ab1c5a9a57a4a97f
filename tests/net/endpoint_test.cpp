// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/endpoint.hpp>
#include <amphi/task/sendable.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace amphi::net {
namespace {

static_assert(sendable<endpoint>);

TEST(endpoint, is_written_as_it_is_read) {
    for (const char* text :
         {"0.0.0.0:0",
          "127.0.0.1:80",
          "255.255.255.255:65535",
          "[::]:0",
          "[::1]:443",
          "[2001:db8::17]:8080",
          "[fe80::1%2]:22"})
        EXPECT_EQ(to_string(endpoint::parse(text)), text);
}

TEST(endpoint, tells_its_parts) {
    const endpoint v4 = endpoint::parse("127.0.0.1:80");
    EXPECT_EQ(v4.address(), "127.0.0.1");
    EXPECT_EQ(v4.port(), 80);
    EXPECT_FALSE(v4.is_ipv6());
    const endpoint v6 = endpoint::parse("[::1]:443");
    EXPECT_EQ(v6.address(), "::1");
    EXPECT_EQ(v6.port(), 443);
    EXPECT_TRUE(v6.is_ipv6());
}

TEST(endpoint, anything_else_is_refused_by_name) {
    for (const char* text :
         {"",
          ":",
          ":80",
          "127.0.0.1",
          "127.0.0.1:",
          "127.0.0.1:65536",
          "127.0.0.1:-1",
          "127.0.0.1:+1",
          "127.0.0.1:80 ",
          " 127.0.0.1:80",
          "127.0.0.1:0x50",
          "127.1:80",
          "256.0.0.1:80",
          "[127.0.0.1]:80",
          "::1:80",
          "[::1]",
          "[::1]80",
          "[::1:80",
          "[::1%]:80",
          "[::1%eth0]:80",
          "127.0.0.1%2:80",
          "localhost:80"})
        try {
            (void)endpoint::parse(text);
            ADD_FAILURE() << text << " was accepted";
        } catch (const std::invalid_argument& error) {
            EXPECT_EQ(std::string(error.what()).find("'" + std::string(text) + "'"), 0U);
        }
}

TEST(endpoint, of_a_numeric_address_needs_no_brackets) {
    EXPECT_EQ(endpoint::from_address("127.0.0.1", 80), endpoint::loopback(80));
    EXPECT_EQ(endpoint::from_address("::1", 80), endpoint::parse("[::1]:80"));
    EXPECT_EQ(endpoint::from_address("fe80::1%2", 80), endpoint::parse("[fe80::1%2]:80"));
}

TEST(endpoint, of_a_name_is_none) {
    using namespace std::string_view_literals;
    for (const auto name : {"localhost"sv, ""sv, "127.0.0.1\0.example"sv, "1.2.3.4.5"sv})
        EXPECT_FALSE(endpoint::from_address(name, 80)) << name;
    EXPECT_FALSE(endpoint::from_address(std::string(10'000, '1'), 80));
}

TEST(endpoint, is_compared_by_all_its_parts) {
    EXPECT_EQ(endpoint(), endpoint::parse("0.0.0.0:0"));
    EXPECT_NE(endpoint::parse("0.0.0.0:0"), endpoint::parse("[::]:0"));
    EXPECT_NE(endpoint::parse("[fe80::1%2]:1"), endpoint::parse("[fe80::1%3]:1"));
    EXPECT_LT(endpoint::parse("127.0.0.1:1"), endpoint::parse("127.0.0.1:2"));
    EXPECT_LT(endpoint::parse("10.0.0.1:9"), endpoint::parse("127.0.0.1:1"));
}

}  // namespace
}  // namespace amphi::net
