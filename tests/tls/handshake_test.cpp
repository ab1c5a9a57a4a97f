// SPDX-License-Identifier: BSL-1.0
// Who is trusted, what both agree on, and what is said when they do not.
#include <amphi/exec/scope.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/net/unix.hpp>
#include <amphi/task/task.hpp>
#include <amphi/tls.hpp>

#include "handshake.hpp"
#include "support/certificate.hpp"
#include "support/lives.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::tls {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace amphi::testing;

class tls_handshake : public each_life {
public:
    both_sides<net::tcp_stream>
    shake(client_context from, server_context to, std::string host = "localhost") {
        return run(handshake, std::move(from), std::move(to), std::move(host));
    }

    const identity own;
};
INSTANTIATE_TEST_SUITE_P(lives, tls_handshake, all_lives(), name_of_life);

TEST_P(tls_handshake, of_those_who_trust_each_other_tells_what_they_agreed_on) {
    const auto both = shake(own.client(), own.server());
    ASSERT_TRUE(both.client.stream && both.server.stream) << both.client.said << both.server.said;
    EXPECT_EQ(both.client.stream->version(), "TLSv1.3");
    EXPECT_EQ(both.client.stream->cipher(), both.server.stream->cipher());
    EXPECT_THAT(both.client.stream->cipher(), HasSubstr("TLS_"));
    EXPECT_EQ(both.client.stream->alpn(), "");
    EXPECT_EQ(both.client.stream->peer_subject(), "CN = test");
    EXPECT_EQ(both.server.stream->peer_subject(), "");
}

TEST_P(tls_handshake, takes_a_host_by_its_address_and_in_other_spellings) {
    for (const char* const host : {"127.0.0.1", "localhost.", "LOCALHOST"}) {
        const auto both = shake(own.client(), own.server(), host);
        EXPECT_EQ(both.client.said + both.server.said, "") << host;
    }
}

TEST_P(tls_handshake, with_a_name_and_a_port_connects_too) {
    run(
        [](client_context from, server_context to) -> task<> {
            auto listener = net::tcp_listener::bind(net::endpoint::loopback(0));
            co_await scope(
                [](task_scope& jobs,
                   net::tcp_listener& at,
                   client_context& trust,
                   server_context& shown) -> task<> {
                    const std::uint16_t port = at.local_endpoint().port();
                    auto accepting = co_await jobs.spawn(
                        [](net::tcp_listener on,
                           server_context how) -> task<side<net::tcp_stream>> {
                            auto peer = co_await on.accept();
                            co_return co_await accept_side(std::move(peer), std::move(how));
                        },
                        std::move(at),
                        shown
                    );
                    const auto client = co_await connect("localhost", port, trust);
                    EXPECT_EQ(client.version(), "TLSv1.3");
                    (void)co_await accepting.join();
                },
                listener,
                from,
                to
            );
        },
        own.client(),
        own.server()
    );
}

TEST_P(tls_handshake, works_over_other_streams) {
    const std::string received = run(
        [](client_context from, server_context to) -> task<std::string> {
            auto ends = net::unix_stream::pair();
            auto both = co_await handshake_over(
                std::move(ends.first),
                std::move(ends.second),
                std::move(from),
                std::move(to),
                "localhost"
            );
            constexpr std::string_view sent = "hello";
            co_await write_all(*both.client.stream, std::as_bytes(std::span(sent)));
            std::string got(sent.size(), '\0');
            co_await read_exactly(*both.server.stream, std::as_writable_bytes(std::span(got)));
            co_return got;
        },
        own.client(),
        own.server()
    );
    EXPECT_EQ(received, "hello");
}

TEST_P(tls_handshake, refuses_a_certificate_that_nobody_trusted_has_signed) {
    const auto both = shake(client_context(), own.server());
    EXPECT_EQ(both.client.kind(), failure::untrusted);
    EXPECT_THAT(both.client.said, HasSubstr("TLS handshake with localhost: self-signed"));
    // The client tells the server why.
    EXPECT_EQ(both.server.kind(), failure::protocol);
    EXPECT_THAT(both.server.said, HasSubstr("alert unknown ca"));
    const auto insecure =
        shake(client_context().insecure_no_verification(), own.server(), "other.example");
    EXPECT_EQ(insecure.client.said + insecure.server.said, "");
    // Whoever names an authority wants it to count.
    const auto again = client_context().insecure_no_verification().ca_file(own.chain());
    EXPECT_NE(shake(again, own.server(), "other.example").client.said, "");
}

TEST_P(tls_handshake, trusts_whom_an_authority_has_signed) {
    const certificate authority("DNS:authority.example", an_hour);
    const identity signed_by(certificate(this_machine, an_hour, authority));
    const identity trusted(authority);
    const auto good = shake(trusted.client(), signed_by.server());
    EXPECT_EQ(good.client.said + good.server.said, "");
    EXPECT_EQ(good.client.stream->peer_subject(), "CN = signed");
    const auto bad = shake(own.client(), signed_by.server());
    EXPECT_EQ(bad.client.kind(), failure::certificate);
    EXPECT_THAT(bad.client.said, HasSubstr("signature"));
    const auto unknown = shake(client_context(), signed_by.server());
    EXPECT_EQ(unknown.client.kind(), failure::untrusted);
}

TEST_P(tls_handshake, refuses_a_certificate_that_has_expired) {
    const identity expired(this_machine, -60);
    const auto both = shake(expired.client(), expired.server());
    EXPECT_EQ(both.client.kind(), failure::not_valid_now);
    EXPECT_THAT(both.client.error->reason(), HasSubstr("expired"));
}

TEST_P(tls_handshake, refuses_the_certificate_of_another_host) {
    const identity other("DNS:other.example,IP:127.0.0.2");
    for (const char* const host : {"localhost", "127.0.0.1"}) {
        const auto both = shake(other.client(), other.server(), host);
        EXPECT_EQ(both.client.kind(), failure::wrong_host);
        EXPECT_THAT(both.client.said, HasSubstr(host));
        EXPECT_THAT(both.client.said, HasSubstr("mismatch"));
    }
}

TEST_P(tls_handshake, agrees_on_the_protocol_that_the_server_likes_best) {
    const auto both =
        shake(own.client().alpn({"http/1.1", "h2"}), own.server().alpn({"h2", "http/1.1"}));
    ASSERT_TRUE(both.client.stream && both.server.stream);
    EXPECT_EQ(both.client.stream->alpn(), "h2");
    EXPECT_EQ(both.server.stream->alpn(), "h2");
    const auto silent = shake(own.client(), own.server().alpn({"h2"}));
    EXPECT_EQ(silent.client.said + silent.server.said, "");
    EXPECT_EQ(silent.server.stream->alpn(), "");
}

TEST_P(tls_handshake, fails_for_both_without_a_common_protocol) {
    const auto both = shake(own.client().alpn({"h2"}), own.server().alpn({"smtp"}));
    EXPECT_EQ(both.client.kind(), failure::protocol);
    EXPECT_THAT(both.client.said, HasSubstr("application protocol"));
    EXPECT_EQ(both.server.kind(), failure::protocol);
}

TEST_P(tls_handshake, shows_the_client_to_a_server_that_asks) {
    const certificate authority("DNS:authority.example", an_hour);
    const identity clients(authority);
    const identity client(certificate("DNS:client.example", an_hour, authority));
    const auto both = shake(
        own.client().certificate(client.chain(), client.key()),
        own.server().client_ca_file(clients.chain())
    );
    ASSERT_TRUE(both.client.stream && both.server.stream) << both.client.said << both.server.said;
    EXPECT_EQ(both.server.stream->peer_subject(), "CN = signed");

    const auto without = shake(own.client(), own.server().client_ca_file(clients.chain()));
    EXPECT_EQ(without.server.kind(), failure::certificate);
    EXPECT_THAT(without.server.said, HasSubstr("did not return a certificate"));
    const auto wrong = shake(
        own.client().certificate(own.chain(), own.key()),
        own.server().client_ca_file(clients.chain())
    );
    EXPECT_EQ(wrong.server.kind(), failure::untrusted);
}

/// What a client says first, to a server that then goes.
std::string first_words(tls_handshake& in, const identity& own, const std::string& host) {
    return in.run(
        [](client_context how, std::string to) -> task<std::string> {
            tcp_pair between = co_await connected_pair();
            co_return co_await scope(
                [](task_scope& jobs, tcp_pair& ends, client_context& from, std::string& name
                ) -> task<std::string> {
                    auto connecting = co_await jobs.spawn(
                        connect_side<net::tcp_stream>, std::move(ends.client), name, from
                    );
                    std::string said(4096, '\0');
                    const std::size_t size =
                        co_await ends.server.read_some(std::as_writable_bytes(std::span(said)));
                    said.resize(size);
                    ends.server.shutdown_write();
                    const side<net::tcp_stream> failed = co_await connecting.join();
                    EXPECT_EQ(failed.kind(), failure::truncated);
                    co_return said;
                },
                between,
                how,
                to
            );
        },
        own.client(),
        host
    );
}

TEST_P(tls_handshake, tells_the_server_the_name_that_is_wanted_but_no_address) {
    EXPECT_THAT(first_words(*this, own, "some.example."), HasSubstr("some.example"));
    EXPECT_THAT(first_words(*this, own, "127.0.0.1"), Not(HasSubstr("127.0.0.1")));
}

/// The other end says this, and no more, as it is.
task<> say(net::tcp_stream& to, std::string_view text) {
    co_await write_all(to, std::as_bytes(std::span(text)));
    to.shutdown_write();
}

TEST_P(tls_handshake, tells_a_peer_that_speaks_another_protocol) {
    run(
        [](client_context from, server_context to) -> task<> {
            tcp_pair first = co_await connected_pair();
            co_await say(first.server, "HTTP/1.1 400 Bad Request\r\n\r\n");
            const auto client =
                co_await connect_side(std::move(first.client), "localhost", std::move(from));
            EXPECT_EQ(client.kind(), failure::protocol);
            EXPECT_THAT(client.said, HasSubstr("does not seem to speak TLS"));

            tcp_pair second = co_await connected_pair();
            co_await say(second.client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            const auto server = co_await accept_side(std::move(second.server), std::move(to));
            EXPECT_EQ(server.kind(), failure::protocol);
            EXPECT_THAT(server.said, HasSubstr("does not seem to speak TLS"));
        },
        own.client(),
        own.server()
    );
}

TEST_P(tls_handshake, tells_a_peer_that_has_gone_in_its_midst) {
    run(
        [](client_context from) -> task<> {
            tcp_pair between = co_await connected_pair();
            // The head of a record of 256 bytes, and four of these.
            constexpr std::string_view begun("\x16\x03\x03\x01\x00\x02\x00\x00\xfc", 9);
            co_await say(between.server, begun);
            const auto client =
                co_await connect_side(std::move(between.client), "localhost", std::move(from));
            EXPECT_EQ(client.kind(), failure::truncated);
        },
        own.client()
    );
}

}  // namespace
}  // namespace amphi::tls
