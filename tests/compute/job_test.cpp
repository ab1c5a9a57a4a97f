// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/job.hpp>

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

class counted final : public job {
public:
    counted() noexcept : job([](job& self) noexcept { ++static_cast<counted&>(self).times; }) {}
    int times = 0;
};

TEST(job, runs_its_function_with_itself) {
    counted one;
    counted other;
    one.run();
    one.run();
    EXPECT_EQ(one.times, 2);
    EXPECT_EQ(other.times, 0);
}

}  // namespace
}  // namespace amphi::detail
