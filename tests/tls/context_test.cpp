// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/sendable.hpp>
#include <amphi/tls/context.hpp>
#include <amphi/tls/engine.hpp>
#include <amphi/tls/error.hpp>

#include "handshake.hpp"

#include <fstream>
#include <string>
#include <type_traits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::tls {
namespace {

using namespace amphi::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

static_assert(sendable<client_context> && sendable<server_context>);
static_assert(!std::is_aggregate_v<client_context> && !std::is_aggregate_v<server_context>);

template <class F>
std::string said_by(F f) {
    try {
        f();
    } catch (const tls_error& error) {
        EXPECT_EQ(error.kind(), failure::configuration);
        return error.what();
    }
    return "nothing";
}

TEST(tls_context, names_a_file_that_is_not_there) {
    const auto mentions = AllOf(HasSubstr("'/no/such.pem'"), HasSubstr("No such file"));
    EXPECT_THAT(said_by([] { client_context().ca_file("/no/such.pem"); }), mentions);
    EXPECT_THAT(said_by([] { const server_context made("/no/such.pem", "/x"); }), mentions);
    const identity own;
    EXPECT_THAT(
        said_by([&] { client_context().certificate(own.chain(), "/no/such.pem"); }), mentions
    );
}

TEST(tls_context, names_a_file_that_is_something_else) {
    const temp_folder temp;
    std::ofstream(temp / "file") << "nothing of the kind";
    EXPECT_THAT(
        said_by([&] { client_context().ca_file(temp / "file"); }),
        HasSubstr((temp / "file").string())
    );
}

TEST(tls_context, takes_no_key_of_another_certificate) {
    const identity own;
    const identity other;
    EXPECT_THAT(
        said_by([&] { const server_context made(own.chain(), other.key()); }),
        AllOf(HasSubstr(other.key().string()), HasSubstr("mismatch"))
    );
}

TEST(tls_context, asks_nobody_for_a_passphrase) {
    const identity own;
    const temp_folder temp;
    const certificate locked("DNS:localhost", an_hour);
    const std::string path = (temp / "key.pem").string();
    std::FILE* const file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    const auto* const words = reinterpret_cast<const unsigned char*>("secret");
    EXPECT_EQ(
        PEM_write_PrivateKey(file, locked.key(), EVP_aes_128_cbc(), words, 6, nullptr, nullptr), 1
    );
    std::fclose(file);
    EXPECT_THAT(said_by([&] { const server_context made(own.chain(), path); }), HasSubstr("key"));
}

TEST(tls_context, knows_how_long_the_name_of_a_protocol_is) {
    const std::string long_name(256, 'x');
    EXPECT_THAT(said_by([&] { client_context().alpn({long_name}); }), HasSubstr("1 to 255"));
    EXPECT_THAT(said_by([] { client_context().alpn({"h2", ""}); }), HasSubstr("1 to 255"));
}

TEST(tls_context, knows_no_host_without_a_name) {
    const client_context how;
    for (const std::string& host : {std::string(), std::string("a\0b", 3), std::string(".")})
        EXPECT_THAT(
            said_by([&] { const detail::tls_engine engine(how, host); }), HasSubstr("no host")
        );
}

}  // namespace
}  // namespace amphi::tls
