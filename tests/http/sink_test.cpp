// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/http/error.hpp>
#include <amphi/http/fetch.hpp>
#include <amphi/http/request.hpp>
#include <amphi/http/sink.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/lives.hpp"
#include "support/raw_server.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>

namespace amphi::http {

namespace {

using namespace amphi::testing;
using namespace std::chrono_literals;

class sinks : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, sinks, all_lives(), name_of_life);

std::string pattern(std::size_t bytes) {
    std::string text(bytes, '\0');
    for (std::size_t i = 0; i < bytes; ++i)
        text[i] = static_cast<char>(i * 7 + i / 251);
    return text;
}

/// Takes one piece and refuses the next until it was given room.
class reluctant_sink final : public sink {
public:
    wish begin(const response_head&) override { return wish::body; }
    bool take(std::span<const std::byte> piece) override {
        if (full_) {
            ++refusals;
            return false;
        }
        body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        full_ = true;
        return true;
    }
    task<> make_room() override {
        for (int i = 0; i < 3; ++i)
            co_await yield();
        full_ = false;
    }

    std::string body;
    int refusals = 0;

private:
    bool full_ = false;
};

task<> fetch_into(std::string url, borrowed<sink> into) {
    co_await fetch(url, *into);
}

TEST_P(sinks, that_refuse_get_the_same_piece_again) {
    const std::string body = pattern(3'000'000);
    raw_server server([&](raw_connection& to, const std::string&) {
        to.answer(200, body);
        return true;
    });
    reluctant_sink into;
    sink& as_sink = into;
    run(fetch_into, server.url("/"), borrowed(as_sink));
    EXPECT_TRUE(into.body == body);
    EXPECT_GT(into.refusals, 0);
}

/// Lets the first piece wait for longer than a transfer may be silent.
class slow_sink final : public sink {
public:
    wish begin(const response_head&) override { return wish::body; }
    bool take(std::span<const std::byte>) override { return has_room_; }
    task<> make_room() override {
        co_await sleep_for(400ms);
        has_room_ = true;
    }

private:
    bool has_room_ = false;
};

task<> fetch_in_time(std::string url, borrowed<sink> into) {
    const auto once = [](std::string& from, borrowed<sink> to) -> task<> {
        (void)co_await fetch(request(from).stall_timeout(100ms), *to);
    };
    co_await timeout(20s, once, url, into);
}

TEST_P(sinks, that_pause_a_transfer_leave_its_silence_afterwards_to_be_seen) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.send("HTTP/1.1 200 x\r\nContent-Length: 1000\r\n\r\nbegin");
        to.wait_for_end();
        return false;
    });
    slow_sink into;
    sink& as_sink = into;
    auto kind = failure::local;
    try {
        run(fetch_in_time, server.url("/"), borrowed(as_sink));
    } catch (const fetch_error& error) {
        kind = error.kind();
    } catch (const timed_out&) {
        ADD_FAILURE() << "nobody saw it";
    }
    EXPECT_EQ(kind, failure::stalled);
}

class throwing_sink final : public sink {
public:
    explicit throwing_sink(const char* where) : where_(where) {}
    wish begin(const response_head&) override {
        if (where_ == "begin") throw std::domain_error("begin");
        return wish::body;
    }
    bool take(std::span<const std::byte>) override {
        if (where_ == "take") throw std::domain_error("take");
        return where_ != "make_room";
    }
    task<> make_room() override {
        if (where_ == "make_room") throw std::domain_error("make_room");
        co_return;
    }

private:
    std::string where_;
};

TEST_P(sinks, that_throw_end_the_fetch_with_it) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(200, pattern(100'000));
        return true;
    });
    for (const char* const where : {"begin", "take", "make_room"}) {
        throwing_sink into(where);
        sink& as_sink = into;
        try {
            run(fetch_into, server.url("/"), borrowed(as_sink));
            ADD_FAILURE() << where;
        } catch (const std::domain_error& error) {
            EXPECT_STREQ(error.what(), where);
        }
    }
}

class indifferent_sink final : public sink {
public:
    wish begin(const response_head&) override { return wish::no_body; }
    bool take(std::span<const std::byte>) override {
        ADD_FAILURE() << "nobody asked for it";
        return true;
    }
};

task<> fetch_twice(std::string url, borrowed<sink> into) {
    for (int i = 0; i < 2; ++i) {
        const response_head head = co_await fetch(url, *into);
        EXPECT_EQ(head.status(), 404);
    }
}

TEST_P(sinks, that_want_no_body_keep_the_connection_when_it_is_short) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.answer(404, pattern(1000));
        return true;
    });
    indifferent_sink into;
    sink& as_sink = into;
    // In the async life both may run on another worker, which has connections of its own.
    run(fetch_twice, server.url("/"), borrowed(as_sink));
    EXPECT_LE(server.connections(), suspends() ? 2U : 1U);
}

TEST_P(sinks, that_want_no_body_do_not_wait_for_a_long_one) {
    raw_server server([](raw_connection& to, const std::string&) {
        to.send("HTTP/1.1 404 x\r\nContent-Length: 1000000000\r\n\r\nbegin");
        to.wait_for_end();
        return false;
    });
    indifferent_sink into;
    sink& as_sink = into;
    run(fetch_twice, server.url("/"), borrowed(as_sink));
}

}  // namespace

}  // namespace amphi::http
