// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/job_latch.hpp>

#include "support/build.hpp"

#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

TEST(job_latch, lets_a_thread_from_outside_go_on_once_it_is_set) {
    job_latch latch(nullptr);
    EXPECT_FALSE(latch.is_set());
    latch.set();
    EXPECT_TRUE(latch.is_set());
    latch.wait_outside();
}

// The one who waits frees the latch as soon as it may; the address sanitizer watches.
TEST(job_latch, may_be_gone_as_soon_as_it_is_set) {
    for (int round = 0; round < (amphi::testing::sanitized ? 200 : 2'000); ++round) {
        auto latch = std::make_unique<job_latch>(nullptr);
        std::thread setter([at = latch.get()] { at->set(); });
        latch->wait_outside();
        latch.reset();
        setter.join();
    }
}

}  // namespace
}  // namespace amphi::detail
