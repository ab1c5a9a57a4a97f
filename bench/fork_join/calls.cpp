// SPDX-License-Identifier: BSL-1.0
// The same without forks: what the recursion itself costs.
#include "fork_join/fibonacci.hpp"

#include <cstdint>

#include <benchmark/benchmark.h>

namespace {

std::int64_t compute(std::int64_t n) {
    if (n < 2) return n;
    return compute(n - 1) + compute(n - 2);
}

void fibonacci(benchmark::State& state) {
    for (auto _ : state) {
        std::int64_t n = which;
        benchmark::DoNotOptimize(n);
        if (compute(n) != expected) state.SkipWithError("wrong");
    }
    state.SetItemsProcessed(forks * state.iterations());
}

}  // namespace

BENCHMARK(fibonacci)->UseRealTime();

BENCHMARK_MAIN();
