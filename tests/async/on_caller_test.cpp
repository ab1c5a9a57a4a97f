// SPDX-License-Identifier: BSL-1.0
// A runtime without threads: whoever calls `run` is its worker.
#include <amphi/async/runtime.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/tcp_pair.hpp"
#include "support/thread_count.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using testing::borrowed;

runtime_options on_caller() {
    return runtime_options().on_caller();
}

task<pid_t> where_it_runs() {
    co_await yield();
    co_await sleep_for(1ms);
    co_return ::gettid();
}

task<pid_t> where_it_yields() {
    co_await yield();
    co_return ::gettid();
}

TEST(on_caller, runs_on_the_calling_thread_and_starts_none) {
    const std::ptrdiff_t before = testing::thread_count();
    runtime own(on_caller());
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(own.run(where_it_runs), ::gettid());
    EXPECT_EQ(testing::thread_count(), before);
    EXPECT_FALSE(detail::current_context().suspends());
}

task<> echo_in_a_scope() {
    auto pair = co_await testing::connected_pair();
    co_await scope(
        [](task_scope& jobs, auto& p) -> task<> {
            const auto answer = [](borrowed<net::tcp_stream> server) -> task<> {
                std::array<std::byte, 1> byte{};
                (void)co_await server->read_some(byte);
                (void)co_await server->write_some(byte);
            };
            (void)co_await jobs.spawn(answer, p.server);
            std::array<std::byte, 1> byte{};
            (void)co_await p.client.write_some(byte);
            const std::size_t count = co_await p.client.read_some(byte);
            EXPECT_EQ(count, 1U);
        },
        pair
    );
}

TEST(on_caller, waits_for_descriptors_too) {
    runtime own(on_caller());
    own.run(echo_in_a_scope);
}

task<> count_later(borrowed<detail::atomic<int>> ended) {
    co_await sleep_for(5ms);
    ended->fetch_add(1);
}
task<> spawn_daemons(borrowed<runtime> own, borrowed<detail::atomic<int>> ended) {
    for (int i = 0; i < 10; ++i)
        (void)own->spawn(count_later, *ended);
    co_return;
}

TEST(on_caller, ends_a_run_when_all_its_tasks_have_ended) {
    runtime own(on_caller());
    detail::atomic<int> ended{0};
    (void)own.spawn(count_later, ended);  // Before the run: it waits for it.
    own.run(spawn_daemons, own, ended);
    EXPECT_EQ(ended.load(), 11);
}

task<> until_stopped(borrowed<detail::atomic<int>> ended) {
    try {
        co_await sleep_until(never);
    } catch (const operation_cancelled&) {
        ended->fetch_add(1);
    }
}

TEST(on_caller, ends_by_stopping_what_never_ran) {
    detail::atomic<int> ended{0};
    {
        runtime own(on_caller());
        (void)own.spawn(until_stopped, ended);
    }
    EXPECT_EQ(ended.load(), 1);
}

task<> yield_once() {
    co_await yield();
}
task<> listen_late(borrowed<detail::atomic<bool>> let_go) {
    while (!let_go->load())
        co_await shield(1h, yield_once);
}

TEST(on_caller, shuts_down_no_longer_than_until_the_deadline) {
    runtime own(on_caller());
    detail::atomic<bool> let_go{false};
    (void)own.spawn(listen_late, let_go);
    EXPECT_FALSE(own.shutdown(clock::now() + 10ms));
    let_go = true;
    EXPECT_TRUE(own.shutdown(clock::now() + 30s));
}

task<> run_inside_a_deadline(borrowed<runtime> own) {
    const auto run_for_ever = [](borrowed<runtime> r) -> task<> {
        r->run([]() -> task<> { co_await sleep_until(never); });
        co_return;
    };
    bool ended = false;
    try {
        co_await timeout(10ms, run_for_ever, *own);
    } catch (const timed_out&) {
        ended = true;
    }
    EXPECT_TRUE(ended);
}

TEST(on_caller, passes_on_the_deadline_of_the_task_that_runs_it) {
    runtime own(on_caller());
    run(threads, run_inside_a_deadline, own);
}

TEST(on_caller, serves_several_threads_that_run_at_once) {
    runtime own(on_caller());
    std::array<std::thread, 4> callers;
    for (std::thread& caller : callers)
        caller = std::thread([&own] {
            for (int i = 0; i < 200; ++i)
                EXPECT_GT(own.run(where_it_yields), 0);
        });
    for (std::thread& caller : callers)
        caller.join();
}

task<> run_it_again(borrowed<runtime> own) {
    EXPECT_THROW((void)own->run(where_it_runs), would_block_worker);
    co_return;
}

TEST(on_caller, refuses_to_run_inside_its_own_task) {
    runtime own(on_caller());
    own.run(run_it_again, own);
}

TEST(on_caller, has_no_ring) {
    EXPECT_THROW(runtime(on_caller().driver("uring")), std::invalid_argument);
}

}  // namespace
}  // namespace amphi
