// SPDX-License-Identifier: BSL-1.0
// The same by what the standard library has for threads.
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

constexpr std::int64_t items = 8'000;

void on(std::size_t threads, const std::function<void()>& body) {
    std::vector<std::thread> all;
    for (std::size_t i = 0; i < threads; ++i)
        all.emplace_back(body);
    for (std::thread& t : all)
        t.join();
}

void mutex(benchmark::State& state) {
    constexpr std::size_t threads = 8;
    std::mutex guard;
    std::int64_t counter = 0;
    for (auto _ : state)
        on(threads, [&] {
            for (std::int64_t i = 0; i < items / std::int64_t{threads}; ++i) {
                const std::lock_guard held(guard);
                benchmark::DoNotOptimize(++counter);
            }
        });
    state.SetItemsProcessed(items * state.iterations());
}

class queue {
public:
    explicit queue(std::size_t capacity) : capacity_(capacity) {}

    void push(std::int64_t item) {
        std::unique_lock guard(guard_);
        has_room_.wait(guard, [&] { return items_.size() < capacity_; });
        items_.push_back(item);
        has_items_.notify_one();
    }
    std::int64_t pop() {
        std::unique_lock guard(guard_);
        has_items_.wait(guard, [&] { return !items_.empty(); });
        const std::int64_t item = items_.front();
        items_.pop_front();
        has_room_.notify_one();
        return item;
    }

private:
    const std::size_t capacity_;
    std::mutex guard_;
    std::condition_variable has_room_;
    std::condition_variable has_items_;
    std::deque<std::int64_t> items_;
};

void ping_pong(benchmark::State& state) {
    constexpr std::int64_t trips = items / 16;  // Each sleeps and wakes twice.
    for (auto _ : state) {
        queue there(1);
        queue back(1);
        std::thread far([&] {
            for (std::int64_t i = 0; i < trips; ++i)
                back.push(there.pop());
        });
        for (std::int64_t i = 0; i < trips; ++i) {
            there.push(i);
            benchmark::DoNotOptimize(back.pop());
        }
        far.join();
    }
    state.SetItemsProcessed(trips * state.iterations());
}

void two_producers(benchmark::State& state) {
    for (auto _ : state) {
        queue into(1024);
        std::thread consumer([&] {
            for (std::int64_t i = 0; i < items; ++i)
                benchmark::DoNotOptimize(into.pop());
        });
        on(2, [&] {
            for (std::int64_t i = 0; i < items / 2; ++i)
                into.push(i);
        });
        consumer.join();
    }
    state.SetItemsProcessed(items * state.iterations());
}

}  // namespace

BENCHMARK(mutex)->UseRealTime();
BENCHMARK(ping_pong)->UseRealTime();
BENCHMARK(two_producers)->UseRealTime();

BENCHMARK_MAIN();
