// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/asymmetric_fence.hpp>
#include <amphi/compute/job.hpp>
#include <amphi/compute/job_deque.hpp>

#include "support/build.hpp"
#include "support/seed.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

class numbered final : public job {
public:
    numbered() noexcept : job([](job& self) noexcept { ++static_cast<numbered&>(self).taken; }) {}
    std::atomic<int> taken{0};
};

class job_deques : public ::testing::Test {
protected:
    job_deques() { prepare_asymmetric_fences(); }
    job_deque deque;
};

TEST_F(job_deques, give_the_youngest_to_the_owner_and_the_oldest_to_thieves) {
    std::deque<numbered> jobs(3);
    for (numbered& each : jobs)
        EXPECT_TRUE(deque.push(each));
    EXPECT_EQ(deque.steal(), &jobs[0]);
    EXPECT_EQ(deque.pop(), &jobs[2]);
    EXPECT_FALSE(deque.looks_empty());
    EXPECT_EQ(deque.pop(), &jobs[1]);
    EXPECT_TRUE(deque.looks_empty());
    EXPECT_EQ(deque.pop(), nullptr);
    EXPECT_EQ(deque.steal(), nullptr);
}

TEST_F(job_deques, grow_and_keep_the_order) {
    std::deque<numbered> jobs(1'000);
    for (numbered& each : jobs)
        ASSERT_TRUE(deque.push(each));
    for (std::size_t i = 0; i < 500; ++i)
        ASSERT_EQ(deque.steal(), &jobs[i]);
    for (std::size_t i = 1'000; i > 500; --i)
        ASSERT_EQ(deque.pop(), &jobs[i - 1]);
    EXPECT_TRUE(deque.looks_empty());
}

TEST_F(job_deques, give_each_job_to_one_under_real_threads) {
    const amphi::testing::seeded run;
    std::mt19937_64 random(run.seed());
    std::deque<numbered> jobs(amphi::testing::sanitized ? 20'000 : 200'000);
    std::atomic<bool> over{false};
    std::vector<std::thread> thieves;
    for (int i = 0; i < 3; ++i)
        thieves.emplace_back([this, &over] {
            while (!over) {
                if (job* const stolen = deque.steal())
                    stolen->run();
                else
                    std::this_thread::yield();
            }
        });
    for (numbered& each : jobs) {
        ASSERT_TRUE(deque.push(each));
        for (std::uint64_t pops = random() % 3; pops > 0; --pops)
            if (job* const popped = deque.pop()) popped->run();
    }
    while (job* const popped = deque.pop())
        popped->run();
    over = true;
    for (std::thread& thief : thieves)
        thief.join();
    while (job* const left = deque.pop())
        left->run();
    for (const numbered& each : jobs)
        ASSERT_EQ(each.taken, 1);
}

}  // namespace
}  // namespace amphi::detail
