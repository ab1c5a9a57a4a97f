// SPDX-License-Identifier: BSL-1.0
// An async executor of one's own, with its own workers, and tasks that cross between two.
#include <amphi/amphi.hpp>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

// [runtime]
amphi::task<> heartbeat() {
    amphi::interval every(1s);
    for (;;) {
        co_await every.tick();
        std::puts("alive");
    }
}

amphi::task<int> work(int count) {
    co_await amphi::sleep_for(5ms);
    co_return 2 * count;
}

int main() {
    amphi::runtime background(amphi::runtime_options().workers(1).name("heart"));
    auto beating = amphi::spawn_on(background, heartbeat);

    amphi::runtime workers(amphi::runtime_options().workers(2));
    const int result = workers.run(work, 21);
    std::printf("%d\n", result);

    beating.request_stop();
    const bool idle = background.shutdown(amphi::clock::now() + 1s);
    std::puts(idle ? "ended in time" : "somebody does not listen");
}
// [runtime]
