// SPDX-License-Identifier: BSL-1.0
#include "get_in_lives.hpp"
#include "support/program.hpp"
#include "support/raw_server.hpp"
#include "support/temp_folder.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace amphi::cli {

namespace {

using namespace amphi::testing;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;
using ::testing::HasSubstr;

class amphi_get_throttled : public get_in_lives {
public:
};
INSTANTIATE_TEST_SUITE_P(
    lives,
    amphi_get_throttled,
    ::testing::Values("threads", "async"),
    [](const ::testing::TestParamInfo<const char*>& life) { return std::string(life.param); }
);

// The first eight are sent together; nothing more before the time that one of them names, but for
// the other host.
TEST_P(amphi_get_throttled, holds_back_the_host) {
    std::atomic<int> count = 0;
    std::atomic<int> too_early = 0;
    std::atomic<steady::rep> open_at = 0;
    raw_server busy([&](raw_connection& to, const std::string&) {
        const steady::time_point now = steady::now();
        if (++count == 1) {
            open_at = (now + 1s).time_since_epoch().count();
            to.answer(429, "", "Retry-After: 1\r\n");
        } else if (open_at == 0 || now.time_since_epoch().count() < open_at) {
            ++too_early;
            to.answer(429, "");
        } else {
            to.answer(200, "x");
        }
        return true;
    });
    raw_server free([](raw_connection& to, const std::string&) {
        to.answer(200, "x");
        return true;
    });
    program get(words_that_retry({"-i", "-"}));
    for (int i = 0; i < 30; ++i) {
        const std::string number = std::to_string(i);
        get.write(busy.url("/b" + number) + "\n" + free.url("/f" + number) + "\n");
    }
    get.close_input();
    free.wait_for_requests(30);
    EXPECT_LT(busy.requests().size(), 30U) << "the others did not wait";
    EXPECT_EQ(get.wait(), 0) << get.errors();
    EXPECT_LE(too_early, 7) << "those that were under way";
    EXPECT_LE(count, 38);
}

TEST_P(amphi_get_throttled, gives_up_a_host_that_wants_to_be_left_alone_for_long) {
    raw_server closed([](raw_connection& to, const std::string&) {
        to.answer(503, "", "Retry-After: 3600\r\n");
        return true;
    });
    program get(words_that_retry({"-i", "-", "--per-host", "1"}));
    for (int i = 0; i < 20; ++i)
        get.write(closed.url("/" + std::to_string(i)) + "\n");
    get.close_input();
    EXPECT_EQ(get.wait(), 1);
    EXPECT_EQ(closed.requests().size(), 1U);
    EXPECT_THAT(get.errors(), HasSubstr("answered 503 and asks to wait 3600 s"));
    EXPECT_THAT(get.errors(), HasSubstr("asks to be left alone for another"));
    EXPECT_THAT(get.errors(), HasSubstr("20 failed"));
}

TEST_P(amphi_get_throttled, keeps_to_its_rate_and_its_speed) {
    const std::string body(50'000, 'x');
    raw_server server([&](raw_connection& to, const std::string&) {
        to.answer(200, body);
        return true;
    });
    const steady::time_point begin = steady::now();
    program slow(words_that_retry({"--rate-per-host", "20/s", "-i", "-"}));
    for (int i = 0; i < 11; ++i)
        slow.write(server.url("/" + std::to_string(i)) + "\n");
    slow.close_input();
    EXPECT_EQ(slow.wait(), 0) << slow.errors();
    EXPECT_GE(steady::now() - begin, 500ms);

    const steady::time_point second = steady::now();
    program thin(words_that_retry({"--limit", "500KB/s", "--overwrite", "-i", "-"}));
    for (int i = 0; i < 8; ++i)
        thin.write(server.url("/" + std::to_string(i)) + "\n");
    thin.close_input();
    EXPECT_EQ(thin.wait(), 0) << thin.errors();
    EXPECT_GE(steady::now() - second, 500ms) << "400 KB, less what the last pieces need not wait";

    program printed(words_that_retry({"--limit", "200KB/s", "-O", "-", server.url("/a")}));
    EXPECT_EQ(printed.wait(), 0) << printed.errors();
    EXPECT_TRUE(printed.output() == body);
}

TEST_P(amphi_get_throttled, ends_by_a_signal_while_it_waits) {
    raw_server closed([](raw_connection& to, const std::string&) {
        to.answer(429, "", "Retry-After: 200\r\n");
        return true;
    });
    program get(words_that_retry({closed.url("/a"), closed.url("/b")}));
    closed.wait_for_requests(1);
    get.signal(SIGINT);
    EXPECT_EQ(get.wait(), 128 + SIGINT);
}

}  // namespace

}  // namespace amphi::cli
