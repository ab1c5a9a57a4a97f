// SPDX-License-Identifier: BSL-1.0
// Tries again, with longer and longer pauses, until it works or a stop comes.
#include <amphi/amphi.hpp>

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>

using namespace std::chrono_literals;

amphi::task<std::string> ask(int& times_asked) {
    co_await amphi::yield();
    if (++times_asked < 3) throw std::runtime_error("not yet");
    co_return "at last";
}

// [retry]
amphi::task<std::string> ask_again(int& times_asked, int attempts_max) {
    std::chrono::milliseconds pause = 5ms;
    for (int attempt = 1;; ++attempt) {
        auto answer = co_await amphi::as_result(ask(times_asked));
        if (answer || attempt == attempts_max) co_return std::move(answer).value();
        co_await amphi::sleep_for(pause);  // a stop is seen here, if not before
        pause *= 2;
    }
}
// [retry]

amphi::task<> body() {
    int times_asked = 0;
    const std::string answer = co_await ask_again(times_asked, 5);
    std::printf("%s, asked %d times\n", answer.c_str(), times_asked);
}

int main() {
    amphi::run(amphi::threads, body);
    amphi::run(amphi::async, body);
}
