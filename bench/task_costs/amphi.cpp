// SPDX-License-Identifier: BSL-1.0
#include <amphi/amphi.hpp>

#include <chrono>
#include <cstdint>

#include <benchmark/benchmark.h>

using namespace std::chrono_literals;

namespace {

amphi::task<> nothing() {
    co_return;
}

amphi::task<> spawn_and_join(std::int64_t times) {
    co_await amphi::scope(
        [](amphi::task_scope& jobs, std::int64_t count) -> amphi::task<> {
            for (std::int64_t i = 0; i < count; ++i) {
                auto handle = co_await jobs.spawn(nothing);
                co_await handle.join();
            }
        },
        times
    );
}

amphi::task<> yield(std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i)
        co_await amphi::yield();
}

amphi::task<> timeout(std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i)
        co_await amphi::timeout(1h, nothing);
}

void measure(benchmark::State& state, amphi::executor where, amphi::task<> (*body)(std::int64_t)) {
    constexpr std::int64_t times = 1'000;
    for (auto _ : state)
        amphi::run(where, body, times);
    state.SetItemsProcessed(times * state.iterations());
}

}  // namespace

// Real time: on async the work is not done by the thread that measures.
BENCHMARK_CAPTURE(measure, spawn_and_join_async, amphi::async, spawn_and_join)->UseRealTime();
BENCHMARK_CAPTURE(measure, spawn_and_join_threads, amphi::threads, spawn_and_join)->UseRealTime();
BENCHMARK_CAPTURE(measure, yield_async, amphi::async, yield)->UseRealTime();
BENCHMARK_CAPTURE(measure, timeout_async, amphi::async, timeout)->UseRealTime();
BENCHMARK_CAPTURE(measure, timeout_threads, amphi::threads, timeout)->UseRealTime();

BENCHMARK_MAIN();
