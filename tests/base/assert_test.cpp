// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/assert.hpp>

#include <gtest/gtest.h>

namespace {

TEST(invariant_death, names_the_broken_expression_and_its_place) {
    const int found = 3;
    EXPECT_DEATH(AMPHI_ASSERT(found == 4), "broken invariant: found == 4 .*assert_test.cpp:[0-9]+");
}

TEST(invariant, evaluates_its_expression_once_in_every_build) {
    int evaluated = 0;
    AMPHI_ASSERT(++evaluated == 1);
    EXPECT_EQ(evaluated, 1);
}

}  // namespace
