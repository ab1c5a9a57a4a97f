// SPDX-License-Identifier: BSL-1.0
// Deadlines, and the first of several.
#include <amphi/amphi.hpp>

#include <chrono>
#include <cstdio>
#include <string>

using namespace std::chrono_literals;

// [first_of]
amphi::task<std::string> mirror(std::chrono::milliseconds distance, std::string name) {
    co_await amphi::sleep_for(distance);
    co_return name;
}

amphi::task<std::string> from_the_nearest() {
    auto first = co_await amphi::when_any(
        amphi::call(mirror, 5000ms, "far"), amphi::call(mirror, 5ms, "near")
    );
    // The other one was asked to stop, and has ended.
    co_return first.index() == 0 ? std::get<0>(first) : std::get<1>(first);
}

amphi::task<> body() {
    const std::string name = co_await from_the_nearest();
    std::printf("answered by the %s one\n", name.c_str());
    try {
        co_await amphi::timeout(10ms, mirror, 5000ms, "far");
    } catch (const amphi::timed_out&) {
        std::puts("gave up on the far one");
    }
}
// [first_of]

int main() {
    amphi::run(amphi::threads, body);
    amphi::run(amphi::async, body);
}
