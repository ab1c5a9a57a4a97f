// SPDX-License-Identifier: BSL-1.0
// Waits for whichever of several things comes first, and does not stop the others.
#include <amphi/amphi.hpp>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

// [select]
amphi::task<int> slow_answer() {
    co_await amphi::sleep_for(50ms);
    co_return 42;
}

amphi::task<> patient() {
    co_await amphi::scope([](amphi::task_scope& jobs) -> amphi::task<> {
        auto answer = co_await jobs.spawn(slow_answer);
        for (;;) {
            auto first = co_await amphi::select(answer.join(), amphi::sleep_for(20ms));
            if (first.index() == 0) {
                std::printf("it is %d\n", std::get<0>(first));
                co_return;
            }
            std::puts("still thinking");
        }
    });
}
// [select]

int main() {
    amphi::run(amphi::threads, patient);
    amphi::run(amphi::async, patient);
}
