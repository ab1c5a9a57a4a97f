// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/http/error.hpp>
#include <amphi/http/fetch.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/raw_server.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

namespace amphi::http {

namespace {

using namespace amphi::testing;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class fetches : public each_life {
public:
    response get(request what) {
        return run([](request r) -> task<response> { co_return co_await http::get(r); }, what);
    }

    /// What a fetch that must fail says.
    fetch_error failure_of(request what) {
        try {
            const response answer = get(std::move(what));
            ADD_FAILURE() << "it was answered with " << answer.status();
        } catch (const fetch_error& error) {
            return error;
        }
        return fetch_error(failure::local, "", "");
    }
};
INSTANTIATE_TEST_SUITE_P(lives, fetches, all_lives(), name_of_life);

TEST_P(fetches, bring_status_fields_and_body) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(200, "hello", "ETag: \"1\"\r\n");
        return true;
    });
    const response answer = get(server.url("/a?b"));
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.body(), "hello");
    EXPECT_EQ(answer.head().field("etag"), "\"1\"");
    EXPECT_EQ(answer.head().url(), server.url("/a?b"));
    EXPECT_THAT(server.requests().at(0), HasSubstr("GET /a?b HTTP/1.1\r\n"));
}

TEST_P(fetches, say_how_long_their_parts_took) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(200, "abc");
        return true;
    });
    run(
        [](std::string url) -> task<> {
            const response first = co_await http::get(url);
            const phases& took = first.head().took();
            EXPECT_GT(took.connect.count(), 0);
            EXPECT_GT(took.first_byte.count(), 0);
            EXPECT_EQ(took.tls.count(), 0);
            EXPECT_GE(took.total, took.connect + took.first_byte);
            const response again = co_await http::get(url);
            EXPECT_EQ(again.head().took().connect.count(), 0) << "the same connection";
        },
        server.url("/")
    );
}

TEST_P(fetches, resolve_names) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(200, "hello");
        return true;
    });
    const std::string url = "http://localhost:" + std::to_string(server.port()) + "/";
    EXPECT_EQ(get(url).body(), "hello");
    EXPECT_EQ(failure_of("http://no-such-host.invalid/").kind(), failure::name_not_found);
}

TEST_P(fetches, of_the_head_alone_wait_for_no_body) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.send("HTTP/1.1 200 x\r\nContent-Length: 1000000\r\n\r\n");
        return true;
    });
    const response answer = get(request(server.url("/")).head_only());
    EXPECT_EQ(answer.head().content_length(), 1'000'000U);
    EXPECT_EQ(answer.body(), "");
    EXPECT_THAT(server.requests().at(0), HasSubstr("HEAD / "));
}

TEST_P(fetches, read_chunks_and_skip_interim_answers) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
        to.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");
        to.send("3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n");
        return true;
    });
    const response answer = get(server.url("/"));
    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.body(), "abcde");
    EXPECT_EQ(answer.head().field("link"), "");
    EXPECT_EQ(answer.head().field("x-sum"), "");
}

TEST_P(fetches, send_range_and_condition) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(206, "lo", "Content-Range: bytes 3-4/5\r\n");
        return true;
    });
    const response answer = get(request(server.url("/")).range_from(3, "\"tag\""));
    EXPECT_EQ(answer.status(), 206);
    EXPECT_THAT(server.requests().at(0), HasSubstr("Range: bytes=3-\r\n"));
    EXPECT_THAT(server.requests().at(0), HasSubstr("If-Range: \"tag\"\r\n"));
}

TEST_P(fetches, keep_at_most_what_was_allowed_in_memory) {
    raw_server server([](raw_connection& to, const std::string& head) {
        if (head.find("/announced") != std::string::npos)
            to.send("HTTP/1.1 200 x\r\nContent-Length: 9223372036854775807\r\n\r\n");
        else
            to.send("HTTP/1.1 200 x\r\n\r\n" + std::string(100'000, 'x'));
        return false;
    });
    for (const char* const path : {"/announced", "/sent"}) {
        const auto limited = [](std::string url) -> task<> { co_await http::get(url, 50'000); };
        EXPECT_THROW(run(limited, server.url(path)), fetch_error) << path;
    }
}

TEST_P(fetches, tell_a_short_body) {
    raw_server server([](raw_connection& to, const std::string& head) {
        if (head.find("/length") != std::string::npos)
            to.send("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n0123456789");
        else
            to.send("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc");
        return false;
    });
    const fetch_error error = failure_of(server.url("/length"));
    EXPECT_EQ(error.kind(), failure::short_body);
    EXPECT_THAT(error.what(), HasSubstr("after 10 of 100 bytes"));
    EXPECT_TRUE(failure_of(server.url("/chunked")).temporary());
}

TEST_P(fetches, take_no_more_than_was_announced) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.send("HTTP/1.1 200 x\r\nContent-Length: 5\r\n\r\n0123456789");
        return false;
    });
    EXPECT_EQ(get(server.url("/")).body(), "01234");
}

TEST_P(fetches, tell_resets_and_silence_of_a_server_that_goes) {
    raw_server server([](raw_connection& to, const std::string& head) {
        if (head.find("/reset") != std::string::npos) {
            to.send("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n0123456789");
            to.reset();
        }
        return false;
    });
    EXPECT_EQ(failure_of(server.url("/reset")).kind(), failure::connection_lost);
    EXPECT_EQ(failure_of(server.url("/nothing")).kind(), failure::connection_lost);
}

TEST_P(fetches, tell_what_is_not_http) {
    raw_server server([](raw_connection& to, const std::string& head) {
        if (head.find("/length") != std::string::npos)
            to.send("HTTP/1.1 200 x\r\nContent-Length: -5\r\n\r\n");
        else if (head.find("/beyond") != std::string::npos)
            to.send("HTTP/1.1 200 x\r\nContent-Length: 9223372036854775808\r\n\r\nabc");
        else if (head.find("/two") != std::string::npos)
            to.send("HTTP/1.1 200 x\r\nContent-Length: 3\r\ncontent-length: 2\r\n\r\nabc");
        else if (head.find("/head") != std::string::npos)
            to.send("HTTP/1.1 200 x\r\n" + [] {
                std::string fields;
                for (int i = 0; i < 5000; ++i)
                    fields += "X-" + std::string(70, 'y') + ": z\r\n";
                return fields;
            }());
        else
            to.send("SSH-2.0-x\r\n\r\n");
        return false;
    });
    for (const char* const path : {"/other", "/length", "/beyond", "/two", "/head"})
        EXPECT_EQ(failure_of(server.url(path)).kind(), failure::bad_response) << path;
}

TEST_P(fetches, take_a_length_that_is_said_twice) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(200, "abc", "Content-Length: 3\r\n");
        return true;
    });
    EXPECT_EQ(get(server.url("/")).body(), "abc");
}

TEST_P(fetches, tell_a_refused_connection) {
    std::string url;
    {
        raw_server server([](raw_connection&, const std::string&) { return false; });
        url = server.url("/");
    }
    const fetch_error error = failure_of(url);
    EXPECT_EQ(error.kind(), failure::connect);
    EXPECT_THAT(error.what(), HasSubstr("Connection refused"));
}

TEST_P(fetches, end_when_no_byte_comes) {
    raw_server server([](raw_connection& to, const std::string& head) {
        if (head.find("/body") != std::string::npos)
            to.send("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n0123456789");
        to.wait_for_end();
        return false;
    });
    for (const char* const path : {"/head", "/body"}) {
        const time_point begin = clock::now();
        const fetch_error error = failure_of(request(server.url(path)).stall_timeout(100ms));
        EXPECT_EQ(error.kind(), failure::stalled) << path;
        EXPECT_GE(clock::now() - begin, 100ms);
    }
}

TEST_P(fetches, end_when_no_connection_comes) {
    // A full queue: what comes now waits for an answer that nobody gives.
    descriptor full(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(full.get(), generic, sizeof address), 0);
    ASSERT_EQ(::listen(full.get(), 0), 0);
    ASSERT_EQ(::getsockname(full.get(), generic, &size), 0);
    std::vector<descriptor> callers;
    for (int i = 0; i < 4; ++i) {
        callers.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        (void)::connect(callers.back().get(), generic, sizeof address);
    }
    const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
    const fetch_error error = failure_of(request(url).connect_timeout(100ms));
    EXPECT_EQ(error.kind(), failure::connect_timeout);
    EXPECT_THAT(error.what(), HasSubstr("within 0.100 s"));
}

TEST_P(fetches, that_follow_each_other_use_one_connection) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(200, "hello");
        return true;
    });
    const auto many = [](std::string url) -> task<> {
        for (int i = 0; i < 50; ++i)
            co_await http::get(url);
    };
    run(many, server.url("/"));
    EXPECT_EQ(server.requests().size(), 50U);
    EXPECT_LE(server.connections(), suspends() ? 2U : 1U);
}

TEST_P(fetches, at_once_bring_each_its_own_answer) {
    raw_server server([](raw_connection& to, const std::string& head) {
        const std::size_t begin = head.find('/') + 1;
        to.answer(200, head.substr(begin, head.find(' ', begin) - begin));
        return true;
    });
    const auto all = [](std::string base) -> task<> {
        co_await scope(
            [](task_scope& jobs, std::string& from) -> task<> {
                for (int i = 0; i < 40; ++i) {
                    const auto one = [](std::string url, std::string expected) -> task<> {
                        for (int round = 0; round < 10; ++round) {
                            const response answer = co_await http::get(url + expected);
                            EXPECT_EQ(answer.body(), expected);
                        }
                    };
                    co_await jobs.spawn(one, from, std::to_string(i));
                }
            },
            base
        );
    };
    run(all, server.url("/"));
    EXPECT_EQ(server.requests().size(), 400U);
    EXPECT_LE(server.connections(), 2U * 40U);
}

task<> get_and_forget(std::string url) {
    co_await http::get(url);
}

TEST_P(fetches, end_by_a_stop_and_by_a_deadline_wherever_they_wait) {
    raw_server server([](raw_connection& to, const std::string& head) {
        if (head.find("/body") != std::string::npos)
            to.send("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n0123456789");
        to.wait_for_end();
        return false;
    });
    for (const char* const path : {"/head", "/body"}) {
        const auto stopped = [](std::string url) -> task<> {
            co_await expect_stop_ends(get_and_forget, url);
            co_await expect_deadline_ends(get_and_forget, url);
        };
        run(stopped, server.url(path));
    }
}

TEST_P(fetches, by_the_dozen_survive_stops_at_any_moment) {
    const std::string body(200'000, 'x');
    raw_server server([&](raw_connection& to, const std::string&) {
        to.answer(200, body);
        return true;
    });
    const auto all = [](std::string url) -> task<> {
        for (int round = 0; round < 60; ++round) {
            co_await scope(
                [](task_scope& jobs, std::string& from, int& pause) -> task<> {
                    for (int i = 0; i < 12; ++i)
                        co_await jobs.spawn(get_and_forget, from);
                    co_await sleep_for(std::chrono::microseconds(pause * 60));
                    jobs.request_stop();
                },
                url,
                round
            );
        }
    };
    run(all, server.url("/"));
}

constexpr std::size_t closing = 24;

/// Fetches over as many connections at once, waits until the server has closed them all, and yields
/// so many times before it ends.
task<> leave_closed_connections(std::string url, borrowed<raw_server> server, int yields) {
    co_await scope(
        [](task_scope& jobs, std::string& from) -> task<> {
            for (std::size_t i = 0; i < closing; ++i)
                co_await jobs.spawn(get_and_forget, from);
        },
        url
    );
    server->wait_for_ends(closing);
    for (int i = 0; i < yields; ++i)
        co_await yield();
}

// The worker hears of the closed connections during one of the yields, of all of them at once: more
// than it tells libcurl of in a turn. In one of the rounds its loop ends right after that.
TEST(connections, that_close_in_the_last_turn_of_a_worker_are_forgotten) {
    for (int yields = 0; yields < 64; ++yields) {
        raw_server server([&](raw_connection& to, const std::string&) {
            server.wait_for_requests(closing);  // So that each has one of its own.
            to.answer(200, "hello");
            return false;
        });
        std::thread([&] {
            runtime own(runtime_options().on_caller());
            own.run(leave_closed_connections, server.url("/"), server, yields);
        }).join();
    }
}

}  // namespace

}  // namespace amphi::http
