// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include <chrono>
#include <utility>

#include <gtest/gtest.h>

namespace amphi::testing {

/// `f(args...)` would wait for ever: a deadline ends it.
template <class F, class... Args>
task<> expect_deadline_ends(F f, Args&... args) {
    bool ended = false;
    try {
        (void)co_await timeout(std::chrono::milliseconds(10), f, args...);
    } catch (const timed_out&) {
        ended = true;
    }
    EXPECT_TRUE(ended) << "the wait did not end by its deadline";
}

/// `f(args...)` would wait for ever: a stop that another task requests ends it.
template <class F, class... Args>
task<> expect_stop_ends(F f, Args... args) {
    co_await scope(
        [](task_scope& jobs, F& waits, Args&... with) -> task<> {
            auto waiting = co_await jobs.spawn(waits, std::move(with)...);
            // Mostly it is parked by then; what is expected does not depend on it.
            co_await sleep_for(std::chrono::milliseconds(5));
            EXPECT_FALSE(waiting.done());
            waiting.request_stop();
            bool ended = false;
            try {
                (void)co_await waiting.join();
            } catch (const operation_cancelled&) {
                ended = true;
            }
            EXPECT_TRUE(ended) << "the wait did not end by the stop";
        },
        f,
        args...
    );
}

}  // namespace amphi::testing
