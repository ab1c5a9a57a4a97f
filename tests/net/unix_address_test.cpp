// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/unix_address.hpp>
#include <amphi/task/sendable.hpp>

#include "net/unix_socket_address.hpp"

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/un.h>

namespace amphi::net {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;

static_assert(sendable<unix_address>);

unix_address through_the_kernel(const unix_address& address) {
    return detail::unix_socket_address(address).to_address();
}

TEST(unix_address, is_a_path_however_that_is_written) {
    const unix_address literal = "/run/x.sock";
    EXPECT_EQ(literal, unix_address(std::string("/run/x.sock")));
    EXPECT_EQ(literal, unix_address("/run/x.sock"sv));
    EXPECT_EQ(literal, unix_address(std::filesystem::path("/run/x.sock")));
    EXPECT_TRUE(literal.is_path() && !literal.is_abstract() && !literal.is_unnamed());
    EXPECT_EQ(literal.name(), "/run/x.sock");
    EXPECT_EQ(to_string(literal), "/run/x.sock");
    EXPECT_EQ(through_the_kernel(literal), literal);
}

TEST(unix_address, may_be_abstract_with_any_bytes) {
    const unix_address abstract = unix_address::abstract("a\0b\xff c"sv);
    EXPECT_TRUE(abstract.is_abstract() && !abstract.is_path() && !abstract.is_unnamed());
    EXPECT_EQ(abstract.name(), "a\0b\xff c"sv);
    EXPECT_EQ(to_string(abstract), "@a\\x00b\\xff c");
    EXPECT_EQ(through_the_kernel(abstract), abstract);
    EXPECT_NE(unix_address::abstract("x"), unix_address("x"));
}

TEST(unix_address, is_none_unless_told) {
    const unix_address none;
    EXPECT_TRUE(none.is_unnamed() && !none.is_path() && !none.is_abstract());
    EXPECT_EQ(none.name(), "");
    EXPECT_EQ(to_string(none), "(unnamed)");
    EXPECT_EQ(through_the_kernel(none), none);
}

TEST(unix_address, as_long_as_allowed_goes_through_the_kernel) {
    const std::string longest(unix_address::size_max, 'x');
    EXPECT_EQ(through_the_kernel(unix_address(longest)).name(), longest);
    EXPECT_EQ(through_the_kernel(unix_address::abstract(longest)).name(), longest);
}

TEST(unix_address, that_is_too_long_names_the_limit_and_itself) {
    const std::string path(108, 'x');
    try {
        (void)unix_address(path);
        ADD_FAILURE() << "a path of 108 bytes was taken";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::filename_too_long);
        EXPECT_THAT(error.what(), HasSubstr("a path of 108 bytes, where at most 107"));
        EXPECT_THAT(error.what(), HasSubstr(path));
    }
    EXPECT_THROW((void)unix_address::abstract(path), std::system_error);
}

TEST(unix_address, that_is_no_path_is_refused) {
    EXPECT_THROW((void)unix_address(""), std::system_error);
    try {
        (void)unix_address("/run/a\0b"sv);
        ADD_FAILURE() << "a zero in a path was taken";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::invalid_argument);
        EXPECT_THAT(error.what(), HasSubstr("/run/a\\0..."));
    }
}

}  // namespace
}  // namespace amphi::net
