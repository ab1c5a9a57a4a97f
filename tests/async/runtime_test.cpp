// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/async/spawn.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/time/sleep.hpp>

#include "support/build.hpp"
#include "support/thread_count.hpp"

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace amphi {

// The last owner of a runtime may be one of its tasks.
template <>
inline constexpr bool enable_sendable<runtime> = true;

namespace {

using namespace std::chrono_literals;

task<int> value(int number) {
    co_await yield();
    co_return number;
}

TEST(runtime, starts_nothing_before_the_first_task_and_one_worker_for_it) {
    testing::start_the_sanitizers_thread();
    const std::ptrdiff_t before = testing::thread_count();
    runtime own(runtime_options().workers(4));
    EXPECT_EQ(testing::thread_count(), before);
    EXPECT_EQ(own.run(value, 5), 5);
    EXPECT_GT(testing::thread_count(), before);
}

TEST(runtime, ends_its_threads_with_itself) {
    testing::start_the_sanitizers_thread();
    const std::ptrdiff_t before = testing::thread_count();
    for (int i = 0; i < 20; ++i) {
        runtime own(runtime_options().workers(2));
        EXPECT_EQ(own.run(value, i), i);
    }
    EXPECT_TRUE(testing::thread_count_becomes(before));
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

detail::atomic<bool> ended_on_its_own_worker{false};
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

TEST(runtime, spawns_daemons_that_can_be_joined) {
    runtime own(runtime_options().workers(1));
    auto handle = own.spawn(value, 7);
    EXPECT_EQ(wait(handle.join()), 7);
}

task<> end_their_own_runtime(std::unique_ptr<runtime> last) {
    co_await yield();
    EXPECT_FALSE(last->shutdown(never));
    last.reset();
    // We are asked to stop like all its tasks, and go on until our end.
    EXPECT_TRUE(this_task::stop_requested());
    ended_on_its_own_worker.store(true);
}

TEST(runtime, may_be_ended_by_one_of_its_own_tasks) {
    ended_on_its_own_worker = false;
    testing::start_the_sanitizers_thread();
    const std::ptrdiff_t before = testing::thread_count();
    auto own = std::make_unique<runtime>(runtime_options().workers(2));
    runtime& used = *own;
    auto handle = used.spawn(end_their_own_runtime, std::move(own));
    wait(handle.join());
    EXPECT_TRUE(ended_on_its_own_worker.load());
    // A plain thread, kept idle afterwards, joins the workers.
    while (testing::thread_count() > before + 1)
        wait(sleep_for(1ms));
}

TEST(runtime_death, can_be_left_behind_by_a_fork) {
    if (testing::address_sanitized)
        GTEST_SKIP() << "what the parent's threads own counts as leaked";
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            auto own = std::make_unique<runtime>(runtime_options().workers(1));
            (void)own->spawn(ends_at_the_first_stop);
            (void)spawn_on(async, ends_at_the_first_stop);
            (void)spawn_on(threads, ends_at_the_first_stop);
            const pid_t child = ::fork();
            if (child == 0) {
                const auto begun = clock::now();
                const bool ended = own->shutdown(never);
                own.reset();
                if (ended || clock::now() - begun > 500ms) ::_exit(2);
                std::exit(3);  // With daemons that its parent has.
            }
            int status = 0;
            ::waitpid(child, &status, 0);
            std::_Exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
        },
        ::testing::ExitedWithCode(3),
        "^$"
    );
}

}  // namespace
}  // namespace amphi
