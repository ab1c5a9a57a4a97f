// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/environment.hpp>

#include <cstdlib>

#include <gtest/gtest.h>

namespace amphi::detail {
namespace {

TEST(environment, gives_the_value_or_null) {
    ::setenv("AMPHI_TEST_VARIABLE", "value", 1);  // NOLINT(concurrency-mt-unsafe): one thread
    EXPECT_STREQ(environment("AMPHI_TEST_VARIABLE"), "value");
    ::setenv("AMPHI_TEST_VARIABLE", "", 1);  // NOLINT(concurrency-mt-unsafe): one thread
    EXPECT_EQ(environment("AMPHI_TEST_VARIABLE"), nullptr);
    ::unsetenv("AMPHI_TEST_VARIABLE");  // NOLINT(concurrency-mt-unsafe): one thread
    EXPECT_EQ(environment("AMPHI_TEST_VARIABLE"), nullptr);
}

}  // namespace
}  // namespace amphi::detail
