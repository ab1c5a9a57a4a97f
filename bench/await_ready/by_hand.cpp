// SPDX-License-Identifier: BSL-1.0
// The least that a child coroutine costs with this compiler on this machine: no exceptions, no
// context, no trace, one thread, a list of free frames of one size.
#include <coroutine>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <new>
#include <utility>

#include <benchmark/benchmark.h>

namespace {

struct free_frame {
    free_frame* next;
};
free_frame* free_frames = nullptr;

class task {
public:
    struct promise_type {
        static void* operator new(std::size_t bytes) {
            if (free_frames == nullptr) return ::operator new(bytes);
            return std::exchange(free_frames, free_frames->next);
        }
        static void operator delete(void* frame, std::size_t) noexcept {
            free_frames = ::new (frame) free_frame{free_frames};
        }
        task get_return_object() { return task(*this); }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_value(std::uint64_t returned) noexcept { value = returned; }
        void unhandled_exception() noexcept { std::terminate(); }

        std::uint64_t value = 0;
    };

    explicit task(promise_type& frame) noexcept
        : frame_(std::coroutine_handle<promise_type>::from_promise(frame)) {}
    task(const task&) = delete;
    task& operator=(const task&) = delete;
    ~task() { frame_.destroy(); }

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<>) { return resume(frame_); }
    [[nodiscard]] std::uint64_t await_resume() const { return frame_.promise().value; }

    std::uint64_t run() {
        frame_.resume();
        return frame_.promise().value;
    }

private:
    // As a library's would be: not inlined into the caller's frame.
    [[gnu::noinline]] static bool resume(std::coroutine_handle<promise_type> child) {
        child.resume();
        return false;
    }

    std::coroutine_handle<promise_type> frame_;
};

[[gnu::noinline]] task ready(std::uint64_t value) {
    co_return value;
}

task await_all(std::uint64_t count) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < count; ++i)
        sum += co_await ready(i);
    co_return sum;
}

void await_ready(benchmark::State& state) {
    constexpr std::uint64_t count = 100'000;
    for (auto _ : state)
        benchmark::DoNotOptimize(await_all(count).run());
    state.SetItemsProcessed(static_cast<std::int64_t>(count) * state.iterations());
}

}  // namespace

BENCHMARK(await_ready)->UseRealTime();

BENCHMARK_MAIN();
