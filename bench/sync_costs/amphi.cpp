// SPDX-License-Identifier: BSL-1.0
#include <amphi/amphi.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <benchmark/benchmark.h>

namespace {

using amphi::task;
using amphi::task_scope;

constexpr std::int64_t tasks = 8;

// --- Eight tasks that take turns --------------------------------------------------------------

task<> lock_often(std::shared_ptr<amphi::mutex<std::int64_t>> counter, std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i) {
        auto guard = co_await counter->lock();
        ++*guard;
    }
}
task<> mutex(std::int64_t times) {
    co_await amphi::scope(
        [](task_scope& jobs, std::int64_t each) -> task<> {
            const auto counter = std::make_shared<amphi::mutex<std::int64_t>>(0);
            for (std::int64_t i = 0; i < tasks; ++i)
                co_await jobs.spawn(lock_often, counter, each);
        },
        times / tasks
    );
}

task<> acquire_often(std::shared_ptr<amphi::semaphore> from, std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i)
        auto permit = co_await from->acquire();
}
task<> semaphore(std::int64_t times) {
    co_await amphi::scope(
        [](task_scope& jobs, std::int64_t each) -> task<> {
            const auto places = std::make_shared<amphi::semaphore>(4);
            for (std::int64_t i = 0; i < tasks; ++i)
                co_await jobs.spawn(acquire_often, places, each);
        },
        times / tasks
    );
}

// --- Channels ---------------------------------------------------------------------------------

task<> answer(amphi::receiver<int> from, amphi::sender<int> to) {
    while (auto item = co_await from.receive())
        (void)co_await to.send(*item);
}
task<> ping_pong(std::int64_t times) {
    co_await amphi::scope(
        [](task_scope& jobs, std::int64_t rounds) -> task<> {
            auto [there, far] = amphi::channel<int>(1);
            auto [near, back] = amphi::channel<int>(1);
            co_await jobs.spawn(answer, std::move(far), std::move(near));
            for (std::int64_t i = 0; i < rounds; ++i) {
                (void)co_await there.send(1);
                (void)co_await back.receive();
            }
            {
                const auto last = std::move(there);
            }
        },
        times
    );
}

task<> produce(amphi::sender<std::int64_t> to, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
        (void)co_await to.send(i);
}
task<> two_producers(std::int64_t times) {
    co_await amphi::scope(
        [](task_scope& jobs, std::int64_t each) -> task<> {
            auto [to, from] = amphi::channel<std::int64_t>(1024);
            co_await jobs.spawn(produce, to, each);
            co_await jobs.spawn(produce, std::move(to), each);
            while (auto item = co_await from.receive())
                benchmark::DoNotOptimize(*item);
        },
        times / 2
    );
}

task<> give(amphi::oneshot_sender<int> to) {
    to.send(1);
    co_return;
}
task<> oneshot(std::int64_t times) {
    co_await amphi::scope(
        [](task_scope& jobs, std::int64_t count) -> task<> {
            for (std::int64_t i = 0; i < count; ++i) {
                auto [to, from] = amphi::oneshot<int>();
                co_await jobs.spawn(give, std::move(to));
                (void)co_await from.receive();
            }
        },
        times
    );
}

// --- Where ------------------------------------------------------------------------------------

constexpr std::int64_t items = 8'000;

void on_workers(benchmark::State& state, std::size_t workers, task<> (*body)(std::int64_t)) {
    amphi::runtime own(amphi::runtime_options().workers(workers));
    for (auto _ : state)
        own.run(body, items);
    state.SetItemsProcessed(items * state.iterations());
}
void on_threads(benchmark::State& state, task<> (*body)(std::int64_t)) {
    for (auto _ : state)
        amphi::run(amphi::threads, body, items);
    state.SetItemsProcessed(items * state.iterations());
}

}  // namespace

// Real time: the work is not done by the thread that measures.
BENCHMARK_CAPTURE(on_workers, mutex_1, 1, mutex)->UseRealTime();
BENCHMARK_CAPTURE(on_workers, mutex_2, 2, mutex)->UseRealTime();
BENCHMARK_CAPTURE(on_threads, mutex, mutex)->UseRealTime();
BENCHMARK_CAPTURE(on_workers, semaphore_1, 1, semaphore)->UseRealTime();
BENCHMARK_CAPTURE(on_workers, semaphore_2, 2, semaphore)->UseRealTime();
BENCHMARK_CAPTURE(on_threads, semaphore, semaphore)->UseRealTime();
BENCHMARK_CAPTURE(on_workers, ping_pong_1, 1, ping_pong)->UseRealTime();
BENCHMARK_CAPTURE(on_workers, ping_pong_2, 2, ping_pong)->UseRealTime();
BENCHMARK_CAPTURE(on_threads, ping_pong, ping_pong)->UseRealTime();
BENCHMARK_CAPTURE(on_workers, two_producers_1, 1, two_producers)->UseRealTime();
BENCHMARK_CAPTURE(on_workers, two_producers_2, 2, two_producers)->UseRealTime();
BENCHMARK_CAPTURE(on_threads, two_producers, two_producers)->UseRealTime();
BENCHMARK_CAPTURE(on_workers, oneshot_1, 1, oneshot)->UseRealTime();
BENCHMARK_CAPTURE(on_workers, oneshot_2, 2, oneshot)->UseRealTime();

BENCHMARK_MAIN();
