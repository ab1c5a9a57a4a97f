// SPDX-License-Identifier: BSL-1.0
// The same body in both lives: ten naps of 20 ms, at once.
#include <amphi/amphi.hpp>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

// [two_lives]
amphi::task<> nap() {
    co_await amphi::sleep_for(20ms);
}

amphi::task<> naps(int count) {
    co_await amphi::scope(
        [](amphi::task_scope& jobs, int& left) -> amphi::task<> {
            for (; left > 0; --left)
                co_await jobs.spawn(nap);
        },
        count
    );
}

int main() {
    amphi::run(amphi::threads, naps, 10);           // ten threads, each asleep in the kernel
    amphi::run(amphi::async, naps, 10);             // ten suspended tasks on one worker
    amphi::run(amphi::default_executor, naps, 10);  // as AMPHI_ON says; without it, threads
    std::puts("thirty naps");
}
// [two_lives]
