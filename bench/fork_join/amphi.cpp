// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/join.hpp>
#include <amphi/compute/pool.hpp>

#include "fork_join/fibonacci.hpp"

#include <cstddef>
#include <cstdint>

#include <benchmark/benchmark.h>

namespace {

std::int64_t compute(std::int64_t n) {
    if (n < 2) return n;
    const auto [a, b] = amphi::join([n] { return compute(n - 1); }, [n] { return compute(n - 2); });
    return a + b;
}

void fibonacci(benchmark::State& state) {
    amphi::compute_pool pool(
        amphi::compute_options{}.workers(static_cast<std::size_t>(state.range(0)))
    );
    for (auto _ : state)
        if (pool.run([] { return compute(which); }) != expected) state.SkipWithError("wrong");
    state.SetItemsProcessed(forks * state.iterations());
}

}  // namespace

BENCHMARK(fibonacci)->Arg(1)->Arg(2)->UseRealTime();

BENCHMARK_MAIN();
