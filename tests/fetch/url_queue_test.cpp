// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>

#include "fetch/url_queue.hpp"
#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace amphi::fetch {

namespace {

using namespace amphi::testing;

class url_queues : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, url_queues, all_lives(), name_of_life);

queued_url url_of(const std::string& host, std::uint64_t number) {
    const http::url from("http://" + host + "/" + std::to_string(number));
    return {number, wanted_file(from), nullptr};
}

task<bool> put(url_queue& queue, std::string host, std::uint64_t number) {
    auto operation = queue.put(url_of(host, number));
    co_return co_await operation;
}

task<std::optional<queued_url>> take(url_queue& queue) {
    auto operation = queue.take();
    co_return co_await operation;
}

TEST_P(url_queues, let_other_hosts_overtake_a_busy_one) {
    run([]() -> task<> {
        url_queue queue(1, 10);
        co_await put(queue, "a", 1);
        co_await put(queue, "a", 2);
        co_await put(queue, "b", 3);
        queue.close();
        const auto first = co_await take(queue);
        const auto second = co_await take(queue);
        EXPECT_EQ(first->number, 1U);
        EXPECT_EQ(second->number, 3U);
        queue.done(*first);
        const auto third = co_await take(queue);
        EXPECT_EQ(third->number, 2U);
        queue.done(*second);
        queue.done(*third);
        const auto end = co_await take(queue);
        EXPECT_FALSE(end);
    });
}

TEST_P(url_queues, say_when_nobody_waits_for_what_was_put) {
    run([]() -> task<> {
        url_queue queue(1, 10);
        const bool first = co_await put(queue, "a", 1);
        EXPECT_TRUE(first);
        const auto taken = co_await take(queue);
        const bool of_busy_host = co_await put(queue, "a", 2);
        EXPECT_FALSE(of_busy_host);
        queue.done(*taken);
    });
}

task<> take_for_ever(borrowed<url_queue> queue) {
    co_await take(*queue);
}
task<> put_for_ever(borrowed<url_queue> queue) {
    co_await put(*queue, "a", 2);
}

TEST_P(url_queues, end_the_waits_of_who_is_cancelled) {
    run([]() -> task<> {
        url_queue queue(1, 1);
        co_await expect_stop_ends(take_for_ever, borrowed(queue));
        co_await put(queue, "a", 1);
        co_await expect_stop_ends(put_for_ever, borrowed(queue));
        // Neither has taken or put anything.
        queue.close();
        const auto only = co_await take(queue);
        EXPECT_EQ(only->number, 1U);
        queue.done(*only);
        const auto end = co_await take(queue);
        EXPECT_FALSE(end);
    });
}

/// Many hosts, takers that come and go: each URL is taken once, no host has more than it may.
class crowd {
public:
    static constexpr std::size_t hosts = 7;
    static constexpr std::size_t urls = 6000;
    static constexpr std::size_t per_host = 3;

    url_queue queue{per_host, 50};
    std::array<std::atomic<int>, urls + 1> taken{};
    std::array<std::atomic<std::size_t>, hosts> running{};
};

task<> take_all(borrowed<crowd> c) {
    for (;;) {
        const auto one = co_await take(c->queue);
        if (!one) co_return;
        const std::size_t host = one->number % crowd::hosts;
        EXPECT_LE(++c->running[host], crowd::per_host);
        ++c->taken[one->number];
        if (one->number % 3 == 0) co_await yield();
        --c->running[host];
        c->queue.done(*one);
    }
}

task<> take_one(borrowed<crowd> c) {
    const auto one = co_await take(c->queue);
    if (!one) co_return;
    ++c->taken[one->number];
    c->queue.done(*one);
}

TEST_P(url_queues, lose_and_repeat_nothing_under_stress) {
    crowd c;
    run(
        [](borrowed<crowd> all) -> task<> {
            co_await scope(
                [](task_scope& jobs, borrowed<crowd>& in) -> task<> {
                    for (int i = 0; i < 8; ++i)
                        co_await jobs.spawn(take_all, in);
                    for (std::size_t number = 1; number <= crowd::urls; ++number) {
                        co_await put(in->queue, std::to_string(number % crowd::hosts), number);
                        if (number % 100 != 0) continue;
                        auto impatient = co_await jobs.spawn(take_one, in);
                        impatient.request_stop();
                    }
                    in->queue.close();
                },
                all
            );
        },
        borrowed(c)
    );
    for (std::size_t number = 1; number <= crowd::urls; ++number)
        ASSERT_EQ(c.taken[number], 1);
}

}  // namespace

}  // namespace amphi::fetch
