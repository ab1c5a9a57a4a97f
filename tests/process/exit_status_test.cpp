// SPDX-License-Identifier: BSL-1.0
#include <amphi/process/exit_status.hpp>

#include <csignal>
#include <optional>

#include <gtest/gtest.h>

namespace amphi {
namespace {

TEST(exit_status, tells_a_code_from_a_signal) {
    EXPECT_TRUE(exit_status().success());
    EXPECT_EQ(exit_status::exited(3).code(), 3);
    EXPECT_EQ(exit_status::exited(3).signal(), std::nullopt);
    EXPECT_FALSE(exit_status::exited(3).success());
    EXPECT_EQ(exit_status::killed(SIGTERM).signal(), SIGTERM);
    EXPECT_EQ(exit_status::killed(SIGTERM).code(), std::nullopt);
    EXPECT_FALSE(exit_status::killed(SIGTERM).success());
    EXPECT_TRUE(exit_status::killed(SIGSEGV, true).core_dumped());
    EXPECT_EQ(exit_status::exited(0), exit_status());
}

TEST(exit_status, has_words) {
    EXPECT_EQ(to_string(exit_status::exited(3)), "exit code 3");
    EXPECT_EQ(to_string(exit_status::killed(SIGKILL)), "SIGKILL");
    EXPECT_EQ(to_string(exit_status::killed(SIGSEGV, true)), "SIGSEGV (core dumped)");
}

}  // namespace
}  // namespace amphi
