// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/async/spawn.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/time/sleep.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;

std::ptrdiff_t threads_of_this_process() {
    return std::distance(
        std::filesystem::directory_iterator("/proc/self/task"),
        std::filesystem::directory_iterator()
    );
}

task<int> value(int number) {
    co_await yield();
    co_return number;
}

TEST(runtime, starts_nothing_before_the_first_task_and_one_worker_for_it) {
    const std::ptrdiff_t before = threads_of_this_process();
    runtime own(runtime_options().workers(4));
    EXPECT_EQ(threads_of_this_process(), before);
    EXPECT_EQ(own.run(value, 5), 5);
    EXPECT_GT(threads_of_this_process(), before);
}

TEST(runtime, ends_its_threads_with_itself) {
    // A sanitizer may start a thread of its own with the first.
    EXPECT_EQ(runtime().run(value, 1), 1);
    const std::ptrdiff_t before = threads_of_this_process();
    for (int i = 0; i < 20; ++i) {
        runtime own(runtime_options().workers(2));
        EXPECT_EQ(own.run(value, i), i);
    }
    EXPECT_EQ(threads_of_this_process(), before);
}

detail::atomic<bool> released{false};
task<> yields_until_released() {
    while (!released.load())
        co_await yield();
}
task<> releases() {
    co_await yield();
    released.store(true);
}
task<> one_waits_by_yielding_for_the_other() {
    released = false;
    co_await scope([](task_scope& jobs) -> task<> {
        for (int i = 0; i < 300; ++i)
            co_await jobs.spawn(yields_until_released);
        co_await jobs.spawn(releases);
    });
}

TEST(runtime, lets_a_task_run_among_others_that_never_stop_yielding) {
    for (const std::size_t workers : {1U, 2U}) {
        runtime own(runtime_options().workers(workers));
        own.run(one_waits_by_yielding_for_the_other);
        EXPECT_TRUE(released.load());
    }
}

task<> ignores_stops(detail::atomic<bool>* let_go) {
    while (!let_go->load()) {
        try {
            co_await sleep_for(1h);
        } catch (const operation_cancelled&) {
            let_go->store(true);
        }
    }
}
detail::atomic<bool> let_go{false};
task<> ends_at_the_first_stop() {
    co_await ignores_stops(&let_go);
}

TEST(runtime, shuts_down_by_stopping_its_daemons) {
    let_go = false;
    runtime own(runtime_options().workers(2));
    (void)spawn_on(own, ends_at_the_first_stop);
    EXPECT_TRUE(own.shutdown(clock::now() + 30s));
    EXPECT_TRUE(let_go.load());
}

task<> blocks_a_worker() {
    EXPECT_THROW((void)amphi::run(async, value, 1), would_block_worker);
    EXPECT_THROW(wait(sleep_for(1ms)), would_block_worker);
    co_return;
}

TEST(runtime, refuses_to_block_a_worker) {
    run(async, blocks_a_worker);
}

}  // namespace
}  // namespace amphi
