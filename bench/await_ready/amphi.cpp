// SPDX-License-Identifier: BSL-1.0
#include <amphi/amphi.hpp>

#include <cstdint>

#include <benchmark/benchmark.h>

namespace {

// What the loop of a caller cannot see through.
[[gnu::noinline]] amphi::task<std::uint64_t> ready(std::uint64_t value) {
    co_return value;
}

amphi::task<std::uint64_t> await_all(std::uint64_t count) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < count; ++i)
        sum += co_await ready(i);
    co_return sum;
}

void await_ready(benchmark::State& state, amphi::executor where) {
    constexpr std::uint64_t count = 100'000;
    for (auto _ : state)
        benchmark::DoNotOptimize(amphi::run(where, await_all, count));
    state.SetItemsProcessed(static_cast<std::int64_t>(count) * state.iterations());
}

}  // namespace

// Real time: on async the work is not done by the thread that measures.
BENCHMARK_CAPTURE(await_ready, threads, amphi::threads)->UseRealTime();
BENCHMARK_CAPTURE(await_ready, async, amphi::async)->UseRealTime();

BENCHMARK_MAIN();
