// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/exec/executor.hpp>

#include <gtest/gtest.h>

namespace {

using namespace amphi;

TEST(executor, of_plain_threads_has_no_home) {
    const executor plain = threads;
    EXPECT_EQ(plain.home(), nullptr);
}

TEST(executor, of_async_is_one_runtime_for_the_program) {
    const executor first = amphi::async;
    const executor second = amphi::async;
    EXPECT_NE(first.home(), nullptr);
    EXPECT_EQ(first.home(), second.home());
}

TEST(executor, of_a_runtime_is_its_own) {
    const runtime one;
    const runtime other;
    EXPECT_NE(executor(one).home(), executor(other).home());
    EXPECT_NE(executor(one).home(), executor(amphi::async).home());
}

int asked = 0;

TEST(executor, asks_for_its_home_when_it_is_used) {
    const executor lazy([]() -> detail::scheduler* {
        ++asked;
        return nullptr;
    });
    EXPECT_EQ(asked, 0);
    EXPECT_EQ(lazy.home(), nullptr);
    EXPECT_EQ(asked, 1);
}

}  // namespace
