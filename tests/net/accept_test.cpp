// SPDX-License-Identifier: BSL-1.0
// What an accept does when there is nothing left to accept with, or nobody left to accept.
#include <amphi/base/clock.hpp>
#include <amphi/base/descriptor.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/task/task.hpp>

#include "support/build.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace amphi::net {
namespace {

using ::testing::HasSubstr;

class accept_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, accept_test, testing::all_lives(), testing::name_of_life);

/// While it lives, this process has no descriptor left.
class no_descriptors {
public:
    no_descriptors() {
        EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
        rlimit low = before_;
        low.rlim_cur = 256;
        EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
        for (;;) {
            descriptor taken(::open("/dev/null", O_RDONLY | O_CLOEXEC));
            if (!taken) break;
            taken_.push_back(std::move(taken));
        }
        EXPECT_EQ(errno, EMFILE) << "the limit does not bite";
    }
    no_descriptors(const no_descriptors&) = delete;
    no_descriptors& operator=(const no_descriptors&) = delete;
    ~no_descriptors() { EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before_), 0); }

private:
    rlimit before_{};
    std::vector<descriptor> taken_;
};

/// The sanitizer that checks casts looks at memory through pipes of its own.
bool sanitizer_needs_descriptors() {
    return testing::address_sanitized;
}

task<> accept_one(tcp_listener& from) {
    (void)co_await from.accept();
}

task<std::string> refusal_of(tcp_listener& from) {
    try {
        (void)co_await from.accept();
    } catch (const std::system_error& error) {
        if (error.code().value() == EMFILE) co_return error.what();
    }
    co_return "";
}

task<bool> is_closed_by_peer(tcp_stream& stream) {
    std::array<std::byte, 1> buffer{};
    try {
        const std::size_t count = co_await stream.read_some(buffer);
        co_return count == 0;
    } catch (const std::system_error& error) {
        co_return error.code() == std::errc::connection_reset;
    }
}

TEST_P(accept_test, without_descriptors_it_turns_one_connection_away_and_says_so) {
    if (sanitizer_needs_descriptors()) GTEST_SKIP();
    run([]() -> task<> {
        auto listener = tcp_listener::bind(endpoint::loopback(0));
        // Makes what a first wait makes, while it still can.
        co_await testing::expect_deadline_ends(accept_one, listener);
        auto first = co_await tcp_stream::connect(listener.local_endpoint());
        auto second = co_await tcp_stream::connect(listener.local_endpoint());
        std::array<tcp_stream, 2> clients{std::move(first), std::move(second)};
        std::array<std::string, 2> said;
        {
            const no_descriptors exhausted;
            for (std::string& refusal : said)
                refusal = co_await refusal_of(listener);
            // Nobody is left in the queue: a loop that accepts again waits, it does not spin.
            co_await testing::expect_deadline_ends(accept_one, listener);
        }
        for (std::size_t i = 0; i < clients.size(); ++i) {
            EXPECT_THAT(said[i], HasSubstr(to_string(listener.local_endpoint())));
            EXPECT_THAT(said[i], HasSubstr("refused " + to_string(clients[i].local_endpoint())));
            EXPECT_THAT(said[i], HasSubstr("ulimit -n"));
            const bool closed = co_await is_closed_by_peer(clients[i]);
            EXPECT_TRUE(closed);
        }
        const auto third = co_await tcp_stream::connect(listener.local_endpoint());
        const auto accepted = co_await listener.accept();
        EXPECT_EQ(accepted.remote_endpoint(), third.local_endpoint());
    });
}

// The reserve was lost to somebody who was quicker.
TEST_P(accept_test, without_even_the_reserve_it_pauses_before_it_says_so) {
    if (sanitizer_needs_descriptors()) GTEST_SKIP();
    run([]() -> task<> {
        auto listener = tcp_listener::bind(endpoint::loopback(0));
        co_await testing::expect_deadline_ends(accept_one, listener);
        const auto client = co_await tcp_stream::connect(listener.local_endpoint());
        std::string said;
        duration waited{};
        {
            const no_descriptors exhausted;
            rlimit lower{};
            EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &lower), 0);
            lower.rlim_cur = 3;  // Below the reserve's own number, so that it cannot be used again.
            EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &lower), 0);
            const time_point before = clock::now();
            said = co_await refusal_of(listener);
            waited = clock::now() - before;
        }
        EXPECT_GE(waited, std::chrono::milliseconds(100));
        EXPECT_THAT(said, HasSubstr("ulimit -n"));
        const auto accepted = co_await listener.accept();
        EXPECT_EQ(accepted.remote_endpoint(), client.local_endpoint());
    });
}

TEST_P(accept_test, a_connection_that_was_reset_in_the_queue_is_no_error_of_the_listener) {
    run([]() -> task<> {
        auto listener = tcp_listener::bind(endpoint::loopback(0));
        auto gone = co_await tcp_stream::connect(listener.local_endpoint());
        const linger abort{1, 0};
        EXPECT_EQ(
            ::setsockopt(gone.native_handle(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort), 0
        );
        gone.close();
        const auto next = co_await tcp_stream::connect(listener.local_endpoint());
        // Linux hands a connection out even when it is dead already.
        auto accepted = co_await listener.accept();
        if (accepted.remote_endpoint() != next.local_endpoint())
            accepted = co_await listener.accept();
        EXPECT_EQ(accepted.remote_endpoint(), next.local_endpoint());
    });
}

TEST_P(accept_test, many_connections_come_in_the_order_of_their_queue) {
    run([]() -> task<> {
        auto listener = tcp_listener::bind(endpoint::loopback(0));
        std::vector<tcp_stream> clients;
        for (int i = 0; i < 50; ++i) {
            auto client = co_await tcp_stream::connect(listener.local_endpoint());
            clients.push_back(std::move(client));
        }
        for (const tcp_stream& client : clients) {
            const auto accepted = co_await listener.accept();
            EXPECT_EQ(accepted.remote_endpoint(), client.local_endpoint());
        }
    });
}

}  // namespace
}  // namespace amphi::net
