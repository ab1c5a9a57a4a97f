// SPDX-License-Identifier: BSL-1.0
// Deadlines, stops, and a clean-up that must finish.
#include <amphi/amphi.hpp>

#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

using namespace std::chrono_literals;

// [timeout]
amphi::task<std::string> answer() {
    co_await amphi::sleep_until(amphi::never);
    co_return "42";
}

amphi::task<std::string> answer_or_shrug() {
    try {
        co_return co_await amphi::timeout(10ms, answer);
    } catch (const amphi::timed_out&) {
        co_return "no idea";
    }
}
// [timeout]

// [stop]
class connection {
public:
    connection() = default;
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection() { std::puts("closed"); }
};

amphi::task<> listen_for_ever() {
    const connection to_somewhere;
    co_await amphi::sleep_until(amphi::never);  // a stop ends this wait by an exception
}

amphi::task<> listen_for_a_while() {
    co_await amphi::scope([](amphi::task_scope& jobs) -> amphi::task<> {
        auto listening = co_await jobs.spawn(listen_for_ever);
        co_await amphi::sleep_for(10ms);
        listening.request_stop();
    });  // it has ended here, and its connection is closed
}
// [stop]

// [shield]
amphi::task<> work() {
    co_await amphi::sleep_until(amphi::never);
}

amphi::task<> say_goodbye() {
    co_await amphi::sleep_for(5ms);
    std::puts("goodbye");
}

amphi::task<> work_and_say_goodbye() {
    auto outcome = co_await amphi::as_result(work());  // no co_await may stand in a catch block
    co_await amphi::shield(1s, say_goodbye);           // done also when the work was stopped
    std::move(outcome).value();                        // throws what the work threw
}
// [shield]

amphi::task<> body() {
    const std::string said = co_await answer_or_shrug();
    std::puts(said.c_str());
    co_await listen_for_a_while();
    (void)co_await amphi::as_result(amphi::timeout(10ms, work_and_say_goodbye));
}

int main() {
    amphi::run(amphi::threads, body);
    amphi::run(amphi::async, body);
}
