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

amphi::task<> spawn_all_and_join(std::int64_t times) {
    co_await amphi::scope(
        [](amphi::task_scope& jobs, std::int64_t count) -> amphi::task<> {
            for (std::int64_t i = 0; i < count; ++i)
                co_await jobs.spawn(nothing);
        },
        times
    );
}

constexpr std::int64_t in_round = 1'000;

amphi::task<> rounds_of_a_thousand(std::int64_t times) {
    for (std::int64_t i = 0; i < times; i += in_round)
        co_await spawn_all_and_join(in_round);
}

amphi::task<> yield_among_a_thousand(std::int64_t times) {
    co_await amphi::scope(
        [](amphi::task_scope& jobs, std::int64_t each) -> amphi::task<> {
            for (std::int64_t i = 0; i < in_round; ++i)
                co_await jobs.spawn(yield, each);
        },
        times / in_round
    );
}

// On async so many that the start and the end of a run do not count.
constexpr std::int64_t many = 200'000;
constexpr std::int64_t few = 1'000;

void measure(
    benchmark::State& state,
    amphi::executor where,
    amphi::task<> (*body)(std::int64_t),
    std::int64_t times
) {
    for (auto _ : state)
        amphi::run(where, body, times);
    state.SetItemsProcessed(times * state.iterations());
}

void on_async(benchmark::State& state, amphi::task<> (*body)(std::int64_t)) {
    measure(state, amphi::async, body, many);
}

void on_threads(benchmark::State& state, amphi::task<> (*body)(std::int64_t)) {
    measure(state, amphi::threads, body, few);
}

}  // namespace

// Real time: on async the work is not done by the thread that measures.
BENCHMARK_CAPTURE(on_async, spawn_and_join, spawn_and_join)->UseRealTime();
BENCHMARK_CAPTURE(on_async, spawn_all_and_join, spawn_all_and_join)->UseRealTime();
BENCHMARK_CAPTURE(on_async, rounds_of_a_thousand, rounds_of_a_thousand)->UseRealTime();
BENCHMARK_CAPTURE(on_async, yield, yield)->UseRealTime();
BENCHMARK_CAPTURE(on_async, yield_among_a_thousand, yield_among_a_thousand)->UseRealTime();
BENCHMARK_CAPTURE(on_async, timeout, timeout)->UseRealTime();
BENCHMARK_CAPTURE(on_threads, spawn_and_join, spawn_and_join)->UseRealTime();
BENCHMARK_CAPTURE(on_threads, timeout, timeout)->UseRealTime();

BENCHMARK_MAIN();
