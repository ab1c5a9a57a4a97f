// SPDX-License-Identifier: BSL-1.0
#include "fork_join/fibonacci.hpp"

#include <cstdint>

#include <benchmark/benchmark.h>
#include <tbb/parallel_invoke.h>
#include <tbb/task_arena.h>

namespace {

std::int64_t compute(std::int64_t n) {
    if (n < 2) return n;
    std::int64_t a = 0;
    std::int64_t b = 0;
    tbb::parallel_invoke([&] { a = compute(n - 1); }, [&] { b = compute(n - 2); });
    return a + b;
}

void fibonacci(benchmark::State& state) {
    tbb::task_arena arena(static_cast<int>(state.range(0)));
    for (auto _ : state)
        if (arena.execute([] { return compute(which); }) != expected) state.SkipWithError("wrong");
    state.SetItemsProcessed(forks * state.iterations());
}

}  // namespace

BENCHMARK(fibonacci)->Arg(1)->Arg(2)->UseRealTime();

BENCHMARK_MAIN();
