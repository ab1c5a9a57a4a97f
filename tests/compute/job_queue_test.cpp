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

}  // namespace
}  // namespace amphi::detail
