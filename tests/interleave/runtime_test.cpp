// SPDX-License-Identifier: BSL-1.0
// The async executor as it is shipped: its workers are threads of the simulation, which they are
// started and joined in, and sleep on its futexes.
#include <amphi/async/runtime.hpp>
#include <amphi/base/atomic.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/sendable.hpp>

#include "interleave/explore.hpp"
#include "interleave/gate.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>

#include <gtest/gtest.h>

namespace {

using amphi::task;
using amphi::testing::check;
using amphi::testing::explore;
using amphi::testing::gate;
using amphi::testing::gate_operation;
using amphi::testing::scenario;

struct shared_gate {
    std::shared_ptr<gate> shared;
};

// Its workers come on top of a scenario's threads.
constexpr std::size_t worker_count = 2;
constexpr std::uint64_t seeds = 500;

std::unique_ptr<amphi::runtime> small_runtime() {
    return std::make_unique<amphi::runtime>(amphi::runtime_options{}.workers(worker_count));
}

}  // namespace

template <>
inline constexpr bool amphi::enable_sendable<shared_gate> = true;

namespace {

task<int> one() {
    co_await amphi::yield();
    co_return 1;
}

// A task that is left behind while all workers sleep would leave its caller asleep for ever.
TEST(runtime, leaves_no_task_behind) {
    explore(
        [](scenario& run) {
            struct state {
                std::unique_ptr<amphi::runtime> rt = small_runtime();
                amphi::detail::atomic<int> users{2};
            };
            const auto s = std::make_shared<state>();
            for (int caller = 0; caller < 2; ++caller)
                run.thread([s] {
                    check(s->rt->run(one) == 1, "the result was lost");
                    if (s->users.fetch_sub(1, std::memory_order_acq_rel) == 1) s->rt.reset();
                });
        },
        seeds
    );
}

task<> two_children() {
    co_await amphi::scope([](amphi::task_scope& jobs) -> task<> {
        (void)co_await jobs.spawn(one);
        (void)co_await jobs.spawn(one);
    });
}

TEST(runtime, joins_the_children_of_a_scope) {
    explore(
        [](scenario& run) {
            run.thread([] {
                const auto rt = small_runtime();
                rt->run(two_children);
            });
        },
        seeds
    );
}

task<int> wait_for(shared_gate opened) {
    gate_operation op(*opened.shared);
    const int value = co_await op;
    co_return value;
}

// The waker is no worker: it pushes to the shared queue, and wakes a worker if nobody searches. The
// runtime may be gone as soon as the task has ended.
TEST(runtime, resumes_a_task_that_is_woken_from_outside) {
    explore(
        [](scenario& run) {
            const auto opened = std::make_shared<gate>();
            run.thread([opened] {
                const auto rt = small_runtime();
                const auto value = rt->run(wait_for, shared_gate{opened});
                check(value == 7, "the value was lost");
            });
            run.thread([opened] { opened->open(7); });
        },
        seeds
    );
}

task<> fail() {
    co_await amphi::yield();
    throw std::runtime_error("the task failed");
}

task<> one_waits_one_fails(shared_gate never_opened) {
    co_await amphi::scope(
        [](amphi::task_scope& jobs, const shared_gate& waited_for) -> task<> {
            (void)co_await jobs.spawn(wait_for, waited_for);
            (void)co_await jobs.spawn(fail);
        },
        never_opened
    );
}

// The stop meets its sibling before, while and after it goes to wait; what failed comes out.
TEST(runtime, stops_the_sibling_of_a_failure) {
    explore(
        [](scenario& run) {
            run.thread([] {
                const auto rt = small_runtime();
                bool failed = false;
                try {
                    rt->run(one_waits_one_fails, shared_gate{std::make_shared<gate>()});
                } catch (const std::runtime_error&) {
                    failed = true;
                }
                check(failed, "the failure was lost");
            });
        },
        seeds
    );
}

}  // namespace
