// SPDX-License-Identifier: BSL-1.0
// Two engines whose bytes the test carries itself, so that it can hold them back, cut and change
// them; and OpenSSL itself as a peer that does what amphi never does.
#include <amphi/tls/context.hpp>
#include <amphi/tls/engine.hpp>
#include <amphi/tls/error.hpp>

#include "handshake.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

namespace amphi::detail {
namespace {

using namespace amphi::testing;
using tls::failure;
using tls::tls_error;

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

/// At most so many bytes; false: there are none.
bool carry(tls_engine& from, tls_engine& to, std::size_t most) {
    const auto sent = from.pending().first(std::min(most, from.pending().size()));
    std::ranges::copy(sent, to.room().begin());
    to.received(sent.size());
    from.sent(sent.size());
    return !sent.empty();
}

std::string read_from(tls_engine& from) {
    std::string got(100, '\0');
    const auto count = from.read(std::as_writable_bytes(std::span(got)));
    return count ? got.substr(0, *count) : "(nothing yet)";
}

class engines : public ::testing::Test {
public:
    void shake(std::size_t at_once) {
        for (int round = 0; round < 100'000; ++round) {
            const auto near = client.handshake();
            const bool out = carry(client, server, at_once);
            const auto far = server.handshake();
            const bool in = carry(server, client, at_once);
            if (near == tls_engine::step::done && far == tls_engine::step::done && !out && !in)
                return;
        }
        ADD_FAILURE() << "the handshake did not end";
    }

    identity own;
    tls_engine client{own.client(), "localhost"};
    tls_engine server{own.server(), "a client"};
};

TEST_F(engines, understand_each_other_byte_by_byte) {
    shake(1);
    EXPECT_EQ(client.encrypt(bytes_of("hello")), 5U);
    EXPECT_EQ(read_from(server), "(nothing yet)");
    while (carry(client, server, 1)) {
    }
    EXPECT_EQ(read_from(server), "hello");
    EXPECT_EQ(read_from(server), "(nothing yet)");
    server.close();
    while (carry(server, client, 1)) {
    }
    EXPECT_EQ(read_from(client), "");
}

TEST_F(engines, keep_what_was_not_sent_in_front_of_what_follows) {
    shake(4096);
    EXPECT_EQ(client.encrypt(bytes_of("one")), 3U);
    EXPECT_TRUE(carry(client, server, 7));
    EXPECT_EQ(client.encrypt(bytes_of("two")), 3U);
    EXPECT_TRUE(carry(client, server, 4096));
    EXPECT_EQ(read_from(server), "one");
    EXPECT_EQ(read_from(server), "two");
}

TEST_F(engines, take_only_so_much_at_once) {
    shake(4096);
    const std::string much(1 << 20, 'x');
    const std::size_t taken = client.encrypt(bytes_of(much));
    EXPECT_GE(taken, 16384U);
    EXPECT_LE(client.pending().size(), 64U * 1024);
}

TEST_F(engines, do_not_take_the_same_record_twice) {
    shake(4096);
    EXPECT_EQ(client.encrypt(bytes_of("pay")), 3U);
    const std::string record(
        reinterpret_cast<const char*>(client.pending().data()), client.pending().size()
    );
    for (int i = 0; i < 2; ++i) {
        std::ranges::copy(bytes_of(record), server.room().begin());
        server.received(record.size());
    }
    EXPECT_EQ(read_from(server), "pay");
    for (int i = 0; i < 2; ++i) {
        try {
            (void)read_from(server);
            ADD_FAILURE() << "it was taken";
        } catch (const tls_error& error) {
            EXPECT_EQ(error.kind(), failure::protocol);
        }
    }
}

struct free_raw {
    void operator()(SSL* owned) const noexcept { SSL_free(owned); }
    void operator()(SSL_CTX* owned) const noexcept { SSL_CTX_free(owned); }
};

/// OpenSSL's own client, whose protocol the test chooses.
class raw_client_session {
public:
    explicit raw_client_session(int newest) : context_(SSL_CTX_new(TLS_client_method())) {
        SSL_CTX_set_max_proto_version(context_.get(), newest);
        SSL_CTX_set_security_level(context_.get(), 0);
        SSL_CTX_set_min_proto_version(context_.get(), 0);
        session_.reset(SSL_new(context_.get()));
        SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        BIO_set_mem_eof_return(SSL_get_rbio(session_.get()), -1);
        SSL_set_connect_state(session_.get());
    }

    [[nodiscard]] SSL* get() const noexcept { return session_.get(); }

    /// Everything, in both directions.
    void exchange(tls_engine& with) const {
        char* made = nullptr;
        const long size = BIO_get_mem_data(SSL_get_wbio(get()), &made);
        const auto room = with.room();
        ASSERT_LE(static_cast<std::size_t>(size), room.size());
        std::copy_n(reinterpret_cast<const std::byte*>(made), size, room.begin());
        if (size > 0) with.received(static_cast<std::size_t>(size));
        (void)BIO_reset(SSL_get_wbio(get()));
        const auto sent = with.pending();
        if (!sent.empty())
            BIO_write(SSL_get_rbio(get()), sent.data(), static_cast<int>(sent.size()));
        with.sent(sent.size());
    }

private:
    std::unique_ptr<SSL_CTX, free_raw> context_;
    std::unique_ptr<SSL, free_raw> session_;
};

/// How the handshake of `server` with it ends.
tls_engine::step shake_raw(const raw_client_session& client, tls_engine& server) {
    auto now = tls_engine::step::needs_input;
    for (int round = 0; round < 20; ++round) {
        SSL_do_handshake(client.get());
        client.exchange(server);
        if (now != tls_engine::step::needs_input) break;
        now = server.handshake();
        client.exchange(server);
    }
    return now;
}

TEST_F(engines, refuse_what_is_older_than_they_are_told) {
    const raw_client_session old(TLS1_1_VERSION);
    ASSERT_EQ(shake_raw(old, server), tls_engine::step::failed);
    try {
        server.fail();
    } catch (const tls_error& error) {
        EXPECT_EQ(error.kind(), failure::protocol);
        EXPECT_THAT(error.what(), ::testing::HasSubstr("unsupported protocol"));
    }
    tls_engine modern(own.server().minimum_version(tls::version::tls_1_3), "a client");
    const raw_client_session older(TLS1_2_VERSION);
    EXPECT_EQ(shake_raw(older, modern), tls_engine::step::failed);
    tls_engine usual(own.server().minimum_version(tls::version::tls_1_2), "a client");
    const raw_client_session same(TLS1_2_VERSION);
    EXPECT_EQ(shake_raw(same, usual), tls_engine::step::done);
    EXPECT_EQ(usual.version(), "TLSv1.2");
}

TEST_F(engines, do_not_negotiate_again) {
    const raw_client_session older(TLS1_2_VERSION);
    ASSERT_EQ(shake_raw(older, server), tls_engine::step::done);
    EXPECT_EQ(SSL_renegotiate(older.get()), 1);
    SSL_do_handshake(older.get());
    older.exchange(server);
    EXPECT_EQ(read_from(server), "(nothing yet)");
    // The answer, a warning, goes with the next write; then the client gives up.
    EXPECT_EQ(server.encrypt(bytes_of("x")), 1U);
    older.exchange(server);
    std::array<char, 16> got{};
    const int count = SSL_read(older.get(), got.data(), static_cast<int>(got.size()));
    EXPECT_LE(count, 0);
    EXPECT_EQ(SSL_get_error(older.get(), count), SSL_ERROR_SSL);
}

// The keys change in the middle, and the peer wants ours to change as well.
TEST_F(engines, change_keys_when_they_are_asked_to) {
    const raw_client_session other(TLS1_3_VERSION);
    ASSERT_EQ(shake_raw(other, server), tls_engine::step::done);
    EXPECT_EQ(SSL_key_update(other.get(), SSL_KEY_UPDATE_REQUESTED), 1);
    EXPECT_EQ(SSL_write(other.get(), "new", 3), 3);
    other.exchange(server);
    EXPECT_EQ(read_from(server), "new");
    EXPECT_EQ(server.encrypt(bytes_of("keys")), 4U);
    other.exchange(server);
    std::array<char, 16> got{};
    EXPECT_EQ(SSL_read(other.get(), got.data(), static_cast<int>(got.size())), 4);
    EXPECT_EQ(std::string_view(got.data(), 4), "keys");
}

}  // namespace
}  // namespace amphi::detail
