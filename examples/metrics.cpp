// SPDX-License-Identifier: BSL-1.0
// What an async runtime tells of itself.
#include <amphi/amphi.hpp>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

amphi::task<> naps(int times) {
    for (int i = 0; i < times; ++i)
        co_await amphi::sleep_for(1ms);
}

// [show]
void show(const amphi::runtime_metrics& of) {
    const amphi::worker_metrics all = of.total();
    std::printf("%ju tasks started, %ju alive\n", of.tasks_spawned(), of.tasks_alive);
    std::printf("%ju turns, %ju tasks stolen, %ju sleeps\n", all.polls, all.stolen, all.parks);
    std::printf("99 %% of the turns take less than %jd ns\n", all.poll_time.quantile(0.99).count());
}
// [show]

int main() {
    amphi::runtime own(amphi::runtime_options().workers(2));
    own.run([]() -> amphi::task<> {
        co_await amphi::scope([](amphi::task_scope& jobs) -> amphi::task<> {
            for (int i = 0; i < 100; ++i)
                co_await jobs.spawn(naps, 10);
        });
    });
    show(own.metrics());
}
