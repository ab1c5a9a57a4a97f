// SPDX-License-Identifier: BSL-1.0
#include <cstdint>
#include <thread>

#include <benchmark/benchmark.h>

namespace {

void start_and_join(benchmark::State& state) {
    constexpr std::int64_t times = 100;
    for (auto _ : state)
        for (std::int64_t i = 0; i < times; ++i)
            std::thread([] {}).join();
    state.SetItemsProcessed(times * state.iterations());
}

}  // namespace

BENCHMARK(start_and_join)->UseRealTime();

BENCHMARK_MAIN();
