// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/asymmetric_fence.hpp>
#include <amphi/compute/job.hpp>
#include <amphi/compute/job_deque.hpp>

#include "support/seed.hpp"

#include <atomic>
#include <cstddef>
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

}  // namespace
}  // namespace amphi::detail
