// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/executor.hpp>
#include <amphi/exec/run.hpp>

#include <string>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amphi::testing {

/// Runs `f(args...)`, which must fail, and says with what. The message begins with `message`.
template <class F, class... Args>
std::error_code error_of(executor where, const std::string& message, F f, Args... args) {
    try {
        (void)amphi::run(where, f, args...);
    } catch (const std::system_error& error) {
        EXPECT_THAT(error.what(), ::testing::StartsWith(message));
        return error.code();
    }
    ADD_FAILURE() << "nothing was refused; expected: " << message;
    return {};
}

}  // namespace amphi::testing
