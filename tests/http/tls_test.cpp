// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/http/error.hpp>
#include <amphi/http/fetch.hpp>

#include "http2_server.hpp"
#include "support/borrowed.hpp"
#include "support/lives.hpp"
#include "support/raw_server.hpp"
#include "support/temp_folder.hpp"
#include "tls_server.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <future>
#include <string>

#include <gmock/gmock.h>

namespace amphi::http {

namespace {

using namespace amphi::testing;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr long an_hour = 3600;

class secure_fetches : public each_life {
public:
    // The server of the test writes to clients that may have gone.
    secure_fetches() { std::signal(SIGPIPE, SIG_IGN); }

    response get(request what) {
        return run([](request r) -> task<response> { co_return co_await http::get(r); }, what);
    }

    /// Of a server with this certificate, which the client has been told to trust.
    response get_from(const certificate& shown) {
        const std::string file = (temp / "ca.pem").string();
        shown.write_to(file);
        tls_server server(shown);
        return get(request(server.url()).ca_file(file));
    }

    /// What a fetch that must fail says.
    template <class Fetch>
    static fetch_error failure_of(Fetch fetch) {
        try {
            const response answer = fetch();
            ADD_FAILURE() << "it was answered with " << answer.status();
        } catch (const fetch_error& error) {
            return error;
        }
        return fetch_error(failure::local, "", "");
    }

    temp_folder temp;
};
INSTANTIATE_TEST_SUITE_P(lives, secure_fetches, all_lives(), name_of_life);

TEST_P(secure_fetches, trust_the_authorities_of_a_file) {
    const response answer = get_from(certificate("IP:127.0.0.1", an_hour));
    EXPECT_EQ(answer.body(), "hello");
    EXPECT_GT(answer.head().took().tls.count(), 0);
}

TEST_P(secure_fetches, trust_nobody_else_unless_they_are_told_to) {
    const certificate own("IP:127.0.0.1", an_hour);
    tls_server server(own);
    const fetch_error error = failure_of([&] { return get(server.url()); });
    EXPECT_EQ(error.kind(), failure::untrusted);
    EXPECT_THAT(error.cause(), HasSubstr("self-signed"));
    EXPECT_EQ(get(request(server.url()).insecure()).body(), "hello");
}

TEST_P(secure_fetches, tell_the_certificate_of_another_host) {
    const fetch_error error =
        failure_of([&] { return get_from(certificate("DNS:other.example", an_hour)); });
    EXPECT_EQ(error.kind(), failure::certificate);
    EXPECT_THAT(error.cause(), HasSubstr("127.0.0.1"));
}

TEST_P(secure_fetches, tell_a_certificate_that_has_expired) {
    const fetch_error error =
        failure_of([&] { return get_from(certificate("IP:127.0.0.1", -60)); });
    EXPECT_EQ(error.kind(), failure::certificate);
    EXPECT_THAT(error.cause(), HasSubstr("expired"));
}

TEST_P(secure_fetches, tell_a_file_without_certificates) {
    std::ofstream(temp / "ca.pem") << "nothing of the kind";
    const certificate own("IP:127.0.0.1", an_hour);
    tls_server server(own);
    const fetch_error error =
        failure_of([&] { return get(request(server.url()).ca_file((temp / "ca.pem").string())); });
    EXPECT_EQ(error.kind(), failure::ca_file);
}

TEST_P(secure_fetches, take_no_protocol_that_is_too_old) {
    const certificate own("IP:127.0.0.1", an_hour);
    tls_server server(own, TLS1_1_VERSION);
    const auto failed = failure_of([&] { return get(request(server.url()).insecure()); });
    EXPECT_EQ(failed.kind(), failure::tls);
}

/// 300 at once, of which the server answers none before 250 have come.
void fetch_300(each_life& life, const http2_server& server) {
    const auto all = [](std::string url) -> task<> {
        co_await scope(
            [](task_scope& jobs, std::string& from) -> task<> {
                const auto one = [](std::string text) -> task<> {
                    const response answer = co_await http::get(request(text).insecure());
                    EXPECT_EQ(answer.status(), 200);
                };
                for (int i = 0; i < 300; ++i)
                    co_await jobs.spawn(one, from);
            },
            url
        );
    };
    life.run(all, server.url());
}

TEST_P(secure_fetches, share_few_connections_over_http_2) {
    if (!suspends()) GTEST_SKIP() << "a plain thread drives a connection of its own";
    const certificate own("IP:127.0.0.1", an_hour);
    http2_server server(own, http2_server::speaks::http2, 250);
    fetch_300(*this, server);
    // Two workers, each with one for a hundred, and two more.
    EXPECT_LE(server.stop(), 10U);
}

TEST_P(secure_fetches, have_a_connection_each_over_http_1) {
    if (!suspends()) GTEST_SKIP() << "a plain thread drives a connection of its own";
    const certificate own("IP:127.0.0.1", an_hour);
    // The first answer tells that there is no HTTP/2. Were the connections few, it would stay with
    // it.
    http2_server server(own, http2_server::speaks::http1, 250);
    fetch_300(*this, server);
    EXPECT_GE(server.stop(), 100U);
}

task<> expect_an_answer(std::string url, std::chrono::milliseconds stall_timeout) {
    try {
        const response answer =
            co_await http::get(request(url).insecure().stall_timeout(stall_timeout));
        EXPECT_EQ(answer.status(), 200);
    } catch (const fetch_error& error) {
        ADD_FAILURE() << error.what();
    }
}

/// Some fetches from `slow` have to wait for longer than they may be silent: the end of one that
/// may be so for longer tells when.
task<>
greet_late(task_scope& jobs, std::string& slow, std::string& silent, std::promise<void>& greets) {
    for (int i = 0; i < 3; ++i)
        co_await jobs.spawn(expect_an_answer, slow, 100ms);
    auto kind = failure::local;
    try {
        (void)co_await http::get(request(silent).stall_timeout(400ms));
    } catch (const fetch_error& error) {
        kind = error.kind();
    }
    EXPECT_EQ(kind, failure::stalled);
    greets.set_value();
}

// On async one of them connects, and the others wait for what comes of it.
TEST_P(secure_fetches, are_not_silent_while_they_wait_for_their_connection) {
    const certificate own("IP:127.0.0.1", an_hour);
    std::promise<void> greets;
    http2_server slow(own, http2_server::speaks::http2, 1, greets.get_future());
    raw_server silent([](raw_connection& to, const std::string&) {
        to.wait_for_end();
        return false;
    });
    run([](std::string from, std::string other, borrowed<std::promise<void>> late
        ) -> task<> { co_await scope(greet_late, from, other, *late); },
        slow.url(),
        silent.url("/"),
        greets);
}

}  // namespace

}  // namespace amphi::http
