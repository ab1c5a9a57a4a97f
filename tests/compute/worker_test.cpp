// SPDX-License-Identifier: BSL-1.0
// How the workers of a pool sleep, steal and wait, under real threads.
#include <amphi/compute/job_scope.hpp>
#include <amphi/compute/join.hpp>
#include <amphi/compute/pool.hpp>
#include <amphi/compute/worker.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/task/thread_state.hpp>
#include <amphi/time/sleep.hpp>

#include "support/build.hpp"
#include "support/seed.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;

constexpr int rounds = amphi::testing::sanitized ? 300 : 3'000;

/// Forks a random tree and counts its leaves; some halves leave jobs behind, some take their time.
class random_tree {
public:
    random_tree(std::uint64_t seed, parallel::job_scope& jobs, std::atomic<int>& left_behind)
        : seed_(seed)
        , jobs_(jobs)
        , left_behind_(left_behind) {}

    [[nodiscard]] int count(std::uint64_t node, int depth) const {
        std::mt19937_64 random(seed_ ^ node);
        if (depth == 0 || random() % 8 == 0) return leaf(random());
        const auto [one, other] = join(
            [&] { return count(2 * node, depth - 1); },
            [&] { return count(2 * node + 1, depth - 1); }
        );
        return one + other;
    }

private:
    [[nodiscard]] int leaf(std::uint64_t how) const {
        if (how % 4 == 0) {
            left_behind_.fetch_add(1);
            jobs_.spawn([&left_behind = left_behind_] { left_behind.fetch_sub(1); });
        }
        if (how % 16 == 1) std::this_thread::yield();
        return 1;
    }

    const std::uint64_t seed_;
    parallel::job_scope& jobs_;
    std::atomic<int>& left_behind_;
};

int count_leaves(std::uint64_t seed) {
    std::atomic<int> left_behind{0};
    const int leaves = parallel::scope([&](parallel::job_scope& jobs) {
        return random_tree(seed, jobs, left_behind).count(1, 7);
    });
    EXPECT_EQ(left_behind, 0);
    return leaves;
}

TEST(compute_workers, give_the_same_for_random_trees_whoever_takes_what) {
    const amphi::testing::seeded run;
    std::mt19937_64 random(run.seed());
    compute_pool alone(compute_options{}.workers(1));
    compute_pool many(compute_options{}.workers(5));
    for (int round = 0; round < rounds / 10; ++round) {
        const std::uint64_t seed = random();
        const int expected = alone.run([seed] { return count_leaves(seed); });
        ASSERT_EQ(many.run([seed] { return count_leaves(seed); }), expected);
    }
}

// Each call finds the workers asleep or about to be: none may be left so.
TEST(compute_workers, are_woken_by_each_call_from_outside) {
    compute_pool pool(compute_options{}.workers(3));
    std::vector<std::thread> callers;
    std::atomic<int> calls{0};
    for (int i = 0; i < 3; ++i)
        callers.emplace_back([&] {
            for (int round = 0; round < rounds; ++round)
                pool.run([&calls] { ++calls; });
        });
    for (std::thread& caller : callers)
        caller.join();
    EXPECT_EQ(calls, 3 * rounds);
}

TEST(compute_workers, are_ended_whatever_they_are_about) {
    for (int round = 0; round < rounds / 10; ++round) {
        compute_pool pool(compute_options{}.workers(3));
        pool.run([] { join([] {}, [] {}); });
    }
}

std::chrono::nanoseconds cpu_of_this_process() {
    timespec spent{};
    EXPECT_EQ(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent), 0);
    return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

TEST(compute_workers, sleep_without_spinning_when_idle) {
    compute_pool pool(compute_options{}.workers(3));
    pool.run([] { join([] {}, [] {}); });
    wait(sleep_for(20ms));  // What is left of their search.
    const auto before = cpu_of_this_process();
    wait(sleep_for(200ms));
    EXPECT_LT(cpu_of_this_process() - before, 20ms);
}

}  // namespace
}  // namespace amphi
