// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/job.hpp>

#include "compute/job_queue.hpp"

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

class idle_job final : public job {
public:
    idle_job() noexcept : job([](job&) noexcept {}) {}
};

TEST(job_queue, gives_what_came_first) {
    job_queue queue;
    idle_job first;
    idle_job second;
    EXPECT_TRUE(queue.looks_empty());
    queue.push(first);
    queue.push(second);
    EXPECT_FALSE(queue.looks_empty());
    EXPECT_EQ(queue.take(), &first);
    EXPECT_EQ(queue.take(), &second);
    EXPECT_EQ(queue.take(), nullptr);
}

TEST(job_queue, gives_back_what_nobody_has_taken) {
    job_queue queue;
    idle_job jobs[4];
    for (idle_job& each : jobs)
        queue.push(each);
    EXPECT_TRUE(queue.remove(jobs[3]));
    EXPECT_TRUE(queue.remove(jobs[1]));
    EXPECT_TRUE(queue.remove(jobs[0]));
    EXPECT_FALSE(queue.remove(jobs[0]));
    queue.push(jobs[1]);
    EXPECT_EQ(queue.take(), &jobs[2]);
    EXPECT_EQ(queue.take(), &jobs[1]);
    EXPECT_TRUE(queue.looks_empty());
}

}  // namespace
}  // namespace amphi::detail
