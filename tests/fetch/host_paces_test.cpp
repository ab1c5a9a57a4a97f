// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "fetch/byte_budget.hpp"
#include "fetch/host_paces.hpp"
#include "fetch/url_queue.hpp"
#include "support/borrowed.hpp"
#include "support/lives.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace amphi::fetch {

namespace {

using namespace amphi::testing;
using namespace std::chrono_literals;

const http::url here("http://here/");
const http::url there("http://there/");

class paces : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, paces, all_lives(), name_of_life);

TEST_P(paces, hold_back_the_host_that_wants_it_and_no_other) {
    run([]() -> task<> {
        host_paces all(0);
        const auto sent = co_await all.pass(here, nullptr);
        const time_point begin = clock::now();
        const duration held = all.was_too_much(here, sent, 1s, begin);
        EXPECT_GE(held, 1s);
        EXPECT_LE(held, 1100ms);
        (void)co_await all.pass(there, nullptr);
        EXPECT_LT(clock::now() - begin, 1s);
        (void)co_await all.pass(here, nullptr);
        EXPECT_GE(clock::now() - begin, 1s);
    });
}

TEST_P(paces, grow_once_for_those_that_were_under_way_together) {
    host_paces all(0);
    const time_point now = clock::now();
    for (int i = 0; i < 8; ++i)
        EXPECT_LE(all.was_too_much(here, 0, std::nullopt, now), 250ms);
    const duration second = all.was_too_much(here, 1, std::nullopt, now);
    EXPECT_GE(second, 250ms);
    EXPECT_LE(second, 500ms);
}

TEST_P(paces, let_nobody_go_at_a_time_that_has_become_too_early) {
    run([]() -> task<> {
        host_paces all(0);
        const time_point begin = clock::now();
        (void)all.was_too_much(here, 0, std::nullopt, begin);
        co_await scope(
            [](task_scope& jobs, host_paces& p) -> task<> {
                const auto wait = [](borrowed<host_paces> of) -> task<> {
                    (void)co_await of->pass(here, nullptr);
                };
                co_await jobs.spawn(wait, borrowed<host_paces>(p));
                co_await sleep_for(10ms);
                (void)p.was_too_much(here, 0, 1s, clock::now());
            },
            all
        );
        EXPECT_GE(clock::now() - begin, 1s);
    });
}

TEST_P(paces, begin_again_one_by_one_and_faster_with_each_success) {
    run([]() -> task<> {
        host_paces all(0);
        const time_point begin = clock::now();
        (void)all.was_too_much(here, 0, std::nullopt, begin);
        for (int i = 0; i < 20; ++i)
            all.went_well(here, 0);
        host_paces::era sent = 0;
        for (int i = 0; i < 3; ++i)
            sent = co_await all.pass(here, nullptr);
        EXPECT_GE(clock::now() - begin, 125ms + 200ms)
            << "two intervals of 100 ms, whatever was answered to earlier requests";
        for (int i = 0; i < 20; ++i)
            all.went_well(here, sent);
        (void)co_await all.pass(here, nullptr);
        const time_point healed = clock::now();
        for (int i = 0; i < 100; ++i)
            (void)co_await all.pass(here, nullptr);
        EXPECT_LT(clock::now() - healed, 1s) << "nothing is held back any more";
    });
}

TEST_P(paces, do_not_ask_who_wants_to_be_left_alone_for_long) {
    run([]() -> task<> {
        host_paces all(0);
        // The last is another answer to a request that was under way: it does not open the host.
        for (const auto wait : {301s, 250'000'000'000s, 1s}) {
            EXPECT_GE(all.was_too_much(here, 0, wait, clock::now()), 300s);
            bool refused = false;
            try {
                (void)co_await all.pass(here, nullptr);
            } catch (const host_closed& closed) {
                refused = std::string(closed.what()).find("left alone") != std::string::npos;
            }
            EXPECT_TRUE(refused);
        }
    });
}

TEST_P(paces, keep_to_a_rate) {
    run([]() -> task<> {
        host_paces all(20);
        const time_point begin = clock::now();
        for (int i = 0; i < 5; ++i) {
            all.went_well(here, co_await all.pass(here, nullptr));
        }
        EXPECT_GE(clock::now() - begin, 200ms);
        for (int i = 0; i < 3000; ++i) {
            const http::url one("http://h" + std::to_string(i) + "/");
            (void)co_await all.pass(one, nullptr);
        }
    });
}

task<> pass_here(host_paces& all, url_queue& queue) {
    (void)co_await all.pass(here, &queue);
}

TEST_P(paces, can_be_waited_for_in_vain) {
    run([]() -> task<> {
        host_paces all(0);
        url_queue queue(0, 4);
        (void)all.was_too_much(here, 0, 100s, clock::now());
        bool late = false;
        try {
            co_await timeout(10ms, pass_here, all, queue);
        } catch (const timed_out&) {
            late = true;
        }
        EXPECT_TRUE(late);
    });
}

task<std::optional<queued_url>> take(url_queue& queue) {
    auto operation = queue.take();
    co_return co_await operation;
}

TEST_P(paces, let_the_queue_hand_out_other_hosts_meanwhile) {
    run([]() -> task<> {
        url_queue queue(0, 10);
        for (const http::url& from : {here, here, there}) {
            queued_url one{1, wanted_file(from), nullptr};
            auto put = queue.put(std::move(one));
            (void)co_await put;
        }
        queue.close();
        const auto one = co_await take(queue);
        EXPECT_EQ(one->what.from.host(), "here");
        queue.hold(here);
        const auto two = co_await take(queue);
        EXPECT_EQ(two->what.from.host(), "there");
        queue.release(here);
        const auto three = co_await take(queue);
        EXPECT_EQ(three->what.from.host(), "here");
        for (const auto* const taken : {&one, &two, &three})
            queue.done(**taken);
    });
}

TEST_P(paces, share_bytes_in_the_order_of_coming) {
    run([]() -> task<> {
        byte_budget budget(100'000);
        byte_share one(budget);
        byte_share two(budget);
        const time_point begin = clock::now();
        EXPECT_TRUE(one.may_take(30'000)) << "some of it was not used before";
        EXPECT_FALSE(one.may_take(5'000));
        EXPECT_FALSE(two.may_take(10'000));
        EXPECT_FALSE(two.may_take(10'000)) << "it is paid for already";
        co_await one.wait();
        EXPECT_TRUE(one.may_take(5'000));
        co_await two.wait();
        EXPECT_TRUE(two.may_take(10'000));
        EXPECT_GE(clock::now() - begin, 190ms);
        byte_budget none(0);
        byte_share free(none);
        EXPECT_TRUE(free.may_take(1'000'000'000));
    });
}

}  // namespace

}  // namespace amphi::fetch
