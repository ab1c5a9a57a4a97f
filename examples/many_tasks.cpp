// SPDX-License-Identifier: BSL-1.0
// Many tasks at a time: a loop, results as they come, a task that is kept alive, an end in order.
#include <amphi/amphi.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

// [each]
amphi::task<> feed(std::string animal, int portions) {
    co_await amphi::sleep_for(1ms * portions);
    std::printf("fed the %s\n", animal.c_str());
}

amphi::task<> feed_all() {
    const std::vector<std::string> animals{"ant", "bee", "cat"};
    co_await amphi::for_each_concurrent(animals, 2, feed, 1);  // two at a time
}
// [each]

// [join_set]
amphi::task<int> distance_after(std::chrono::milliseconds pause, int distance) {
    co_await amphi::sleep_for(pause);
    co_return distance;
}

amphi::task<> measure() {
    co_await amphi::scope([](amphi::task_scope& jobs) -> amphi::task<> {
        amphi::join_set<int> distances(jobs);
        co_await distances.spawn(distance_after, 40ms, 3);
        co_await distances.spawn(distance_after, 1ms, 7);
        while (auto next = co_await distances.join_next())  // in the order in which they end
            std::printf("%d miles\n", *next);
    });
}
// [join_set]

// [supervise]
amphi::task<> listen_to_the_radio(int& attempts) {
    co_await amphi::yield();
    if (++attempts < 3) throw std::runtime_error("no signal");
    std::puts("music");
}

amphi::task<> keep_listening() {
    const auto policy =
        amphi::restart_policy()
            .pauses(amphi::backoff(1ms, 100ms))  // 1, 2, 4, ... ms, in part by chance
            .restarts_max(5)
            .on_failure([](const std::exception_ptr&, amphi::duration) noexcept {
                std::puts("...");
            });
    int attempts = 0;
    co_await amphi::supervise(policy, listen_to_the_radio, attempts);
}
// [supervise]

// [drain]
amphi::task<> serve_guest(std::chrono::milliseconds length) {
    co_await amphi::sleep_for(length);
}

amphi::task<> close_for_the_night() {
    co_await amphi::scope([](amphi::task_scope& guests) -> amphi::task<> {
        for (const auto length : {1ms, 2ms, 3'600'000ms})
            co_await guests.spawn(serve_guest, length);
        const bool all = co_await amphi::drain(guests, 50ms);
        std::puts(all ? "all went home" : "somebody was asked to go");
    });
}
// [drain]

int main() {
    amphi::run(amphi::async, feed_all);
    amphi::run(amphi::async, measure);
    amphi::run(amphi::threads, keep_listening);
    amphi::run(amphi::threads, close_for_the_night);
}
