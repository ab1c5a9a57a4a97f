// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/sync/once.hpp>
#include <amphi/time/sleep.hpp>

#include "support/borrowed.hpp"
#include "support/cancel.hpp"
#include "support/lives.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace testing;

class onces : public each_life {};
INSTANTIATE_TEST_SUITE_P(lives, onces, all_lives(), name_of_life);

class prepared {
public:
    once by;
    int times = 0;
};

task<> prepare(borrowed<prepared> what) {
    co_await yield();
    ++what->times;
}
task<> use(borrowed<prepared> what) {
    co_await what->by.call(prepare, what);
    EXPECT_EQ(what->times, 1);
}

TEST_P(onces, are_done_by_the_first_who_comes) {
    prepared all;
    run(
        [](borrowed<prepared> what) -> task<> {
            EXPECT_FALSE(what->by.done());
            co_await scope(
                [](task_scope& jobs, borrowed<prepared>& shared) -> task<> {
                    for (int i = 0; i < 8; ++i)
                        co_await jobs.spawn(use, shared);
                },
                what
            );
            EXPECT_TRUE(what->by.done());
        },
        all
    );
}

task<> fail() {
    co_await yield();
    throw std::runtime_error("no");
}
task<> sleep_for_ever(borrowed<prepared> what) {
    co_await what->by.call([]() -> task<> { co_await sleep_until(never); });
}

TEST_P(onces, that_fail_or_are_stopped_are_tried_again) {
    prepared all;
    run(
        [](borrowed<prepared> what) -> task<> {
            bool failed = false;
            try {
                co_await what->by.call(fail);
            } catch (const std::runtime_error&) {
                failed = true;
            }
            EXPECT_TRUE(failed);
            co_await expect_stop_ends(sleep_for_ever, what);
            co_await expect_deadline_ends(sleep_for_ever, what);
            co_await use(what);
        },
        all
    );
}

}  // namespace
}  // namespace amphi
