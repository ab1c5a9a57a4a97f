// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/job_scope.hpp>
#include <amphi/compute/join.hpp>
#include <amphi/compute/pool.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class scopes : public ::testing::TestWithParam<std::size_t> {
protected:
    compute_pool pool{compute_options{}.workers(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(threads, scopes, ::testing::Values(1, 2, 7));

TEST_P(scopes, end_after_all_their_jobs) {
    std::atomic<int> ended{0};
    const int given = pool.run([&] {
        return parallel::scope([&](parallel::job_scope& jobs) {
            for (int i = 0; i < 1000; ++i)
                jobs.spawn([&] { ++ended; });
            return 7;
        });
    });
    EXPECT_EQ(ended, 1000);
    EXPECT_EQ(given, 7);
}

void spawn_tree(parallel::job_scope& jobs, std::atomic<int>& count, int depth) {
    ++count;
    if (depth == 0) return;
    for (int i = 0; i < 2; ++i)
        jobs.spawn([&jobs, &count, depth] { spawn_tree(jobs, count, depth - 1); });
}

TEST_P(scopes, let_jobs_start_others) {
    std::atomic<int> count{0};
    pool.run([&] {
        parallel::scope([&](parallel::job_scope& jobs) { spawn_tree(jobs, count, 9); });
    });
    EXPECT_EQ(count, 1023);
}

TEST_P(scopes, throw_the_first_failure_after_all_have_ended) {
    std::atomic<int> ended{0};
    const auto fails = [&] {
        pool.run([&] {
            parallel::scope([&](parallel::job_scope& jobs) {
                jobs.spawn([] { throw std::out_of_range("a job"); });
                for (int i = 0; i < 100; ++i)
                    jobs.spawn([&] { ++ended; });
            });
        });
    };
    EXPECT_THROW(fails(), std::out_of_range);
    EXPECT_EQ(ended, 100);
}

TEST_P(scopes, throw_what_the_body_threw_after_all_have_ended) {
    std::atomic<int> ended{0};
    const auto fails = [&] {
        pool.run([&] {
            parallel::scope([&](parallel::job_scope& jobs) {
                for (int i = 0; i < 100; ++i)
                    jobs.spawn([&] { ++ended; });
                throw std::out_of_range("the body");
            });
        });
    };
    EXPECT_THROW(fails(), std::out_of_range);
    EXPECT_EQ(ended, 100);
}

TEST_P(scopes, keep_what_a_job_owns_until_it_ends) {
    std::atomic<int> sum{0};
    pool.run([&] {
        parallel::scope([&](parallel::job_scope& jobs) {
            for (int i = 0; i < 10; ++i)
                jobs.spawn([&sum, owned = std::make_unique<int>(i)] { sum += *owned; });
        });
    });
    EXPECT_EQ(sum, 45);
}

// Jobs that a join's halves leave behind lie above the join's own in the deque.
TEST_P(scopes, mix_with_joins) {
    std::atomic<int> ended{0};
    pool.run([&] {
        parallel::scope([&](parallel::job_scope& jobs) {
            for (int round = 0; round < 50; ++round)
                join(
                    [&] {
                        for (int i = 0; i < 3; ++i)
                            jobs.spawn([&] { ++ended; });
                    },
                    [&] { jobs.spawn([&] { ++ended; }); }
                );
        });
    });
    EXPECT_EQ(ended, 200);
}

TEST(job_scope, outside_of_a_pool_moves_to_the_shared_one) {
    std::atomic<int> ended{0};
    parallel::scope([&](parallel::job_scope& jobs) { jobs.spawn([&] { ++ended; }); });
    EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace amphi
