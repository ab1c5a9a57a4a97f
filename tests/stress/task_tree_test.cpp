// SPDX-License-Identifier: BSL-1.0
// Random trees of scopes: tasks spawn, sleep, yield, fail, stop each other, limit and time out, on
// mixed executors. Whatever happens, each scope ends, every task that began has ended with it, and
// only what a task may throw comes out.
#include <amphi/async/runtime.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/result.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/build.hpp"
#include "support/counted.hpp"
#include "support/lives.hpp"
#include "support/seed.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::borrowed;
using amphi::testing::counted;

class planned_failure : public std::runtime_error {
public:
    planned_failure() : std::runtime_error("planned") {}
};

/// What the tasks of one tree share.
struct forest {
    executor home;
    std::atomic<long> begun{0};
    std::atomic<long> ended{0};
    std::atomic<long> unplanned{0};
};

class living {
public:
    explicit living(forest& in) noexcept : in_(in) { in_.begun.fetch_add(1); }
    ~living() { in_.ended.fetch_add(1); }
    living(const living&) = delete;
    living& operator=(const living&) = delete;

private:
    forest& in_;
};

using dice = std::mt19937_64;

task<counted> grow(borrowed<forest> in, std::uint64_t seed, int depth, counted value);

task<> rest(dice& roll) {
    switch (roll() % 4) {
    case 0:
        co_await yield();
        break;
    case 1:
        co_await sleep_for(std::chrono::microseconds(roll() % 200));
        break;
    case 2:
        roll.discard(roll() % 1'000);
        break;
    default:
        break;
    }
}

task<> spawn_one(
    task_scope& jobs, forest& in, dice& roll, int depth, std::vector<join_handle<counted>>& handles
) {
    executor where = in.home;
    switch (roll() % 6) {
    case 0:
        where = amphi::async;
        break;
    case 1:
        where = threads;
        break;
    default:
        break;
    }
    auto handle = co_await jobs.spawn_on(where, grow, in, roll(), depth - 1, counted(depth));
    if (roll() % 3 == 0) handles.push_back(std::move(handle));
}

task<> branch(task_scope& jobs, forest& in, dice& roll, int depth) {
    std::vector<join_handle<counted>> handles;
    if (roll() % 4 == 0) jobs.limit(1 + roll() % 3);
    for (std::uint64_t children = roll() % 5; children > 0; --children) {
        co_await spawn_one(jobs, in, roll, depth, handles);
        co_await rest(roll);
        if (roll() % 30 == 0) jobs.request_stop();
        if (roll() % 30 == 0 && !handles.empty()) handles.back().request_stop();
    }
    for (auto& handle : handles) {
        const counted joined = co_await handle.join();
        EXPECT_GE(joined.value, 0);
    }
}

task<> scope_of(forest& in, dice& roll, int depth) {
    co_await scope(branch, in, roll, depth);
}

task<> subtree(forest& in, dice& roll, int depth) {
    switch (roll() % 6) {
    case 0:
        co_await timeout(roll() % 3'000 * 1us, scope_of, in, roll, depth);
        break;
    case 1:
        co_await shield(1min, scope_of, in, roll, depth);
        break;
    default:
        co_await scope_of(in, roll, depth);
        break;
    }
}

void check_planned(forest& in, const std::exception_ptr& error) {
    try {
        if (error) std::rethrow_exception(error);
    } catch (const planned_failure&) {
    } catch (const operation_cancelled&) {
    } catch (const timed_out&) {
    } catch (const std::exception& other) {
        in.unplanned.fetch_add(1);
        ADD_FAILURE() << other.what();
    }
}

task<counted> grow(borrowed<forest> in, std::uint64_t seed, int depth, counted value) {
    const living alive(*in);
    dice roll(seed);
    co_await rest(roll);
    if (roll() % 40 == 0) throw planned_failure();
    if (depth > 0) {
        const long before = in->begun.load();
        auto grown = co_await as_result(subtree(*in, roll, depth));
        check_planned(*in, grown.error());
        EXPECT_GE(in->begun.load(), before);
    }
    co_await rest(roll);
    co_return value;
}

class task_trees : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(
    lives, task_trees, amphi::testing::all_lives(), amphi::testing::name_of_life
);

TEST_P(task_trees, end_with_all_their_tasks) {
    const amphi::testing::seeded random;
    dice seeds(random.seed());
    const auto over = clock::now() + 3s;
    long tasks = 0;
    while (clock::now() < over) {
        forest in{on()};
        try {
            (void)run(grow, borrowed<forest>(in), seeds(), 5, counted(1));
        } catch (...) {
            check_planned(in, std::current_exception());
        }
        tasks += in.begun.load();
        ASSERT_EQ(in.begun.load(), in.ended.load());
        ASSERT_EQ(in.unplanned.load(), 0);
        ASSERT_EQ(counted::alive(), 0);
    }
    RecordProperty("tasks", std::to_string(tasks));
    EXPECT_GT(tasks, 50);
}

}  // namespace
