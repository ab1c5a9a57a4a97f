// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>

#include "support/borrowed.hpp"
#include "support/lives.hpp"

#include <string>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using amphi::testing::borrowed;

class yields : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, yields, amphi::testing::all_lives(), amphi::testing::name_of_life);

TEST_P(yields, see_a_stop) {
    run([]() -> task<> {
        bool cancelled = false;
        const auto body = [&cancelled](task_scope& jobs) -> task<> {
            co_await yield();
            jobs.request_stop();
            try {
                co_await yield();
            } catch (const operation_cancelled&) {
                cancelled = true;
            }
        };
        co_await scope(body);
        EXPECT_TRUE(cancelled);
    });
}

task<> say(borrowed<std::string> said, char what) {
    for (int i = 0; i < 3; ++i) {
        said->push_back(what);
        co_await yield();
    }
}

TEST(yield_on_one_worker, goes_behind_what_is_runnable) {
    runtime one(runtime_options().workers(1));
    std::string said;
    one.run(
        [](borrowed<std::string> text) -> task<> {
            co_await scope(
                [](task_scope& jobs, std::string& t) -> task<> {
                    (void)co_await jobs.spawn(say, t, 'a');
                    (void)co_await jobs.spawn(say, t, 'b');
                    (void)co_await jobs.spawn(say, t, 'c');
                },
                *text
            );
        },
        said
    );
    EXPECT_EQ(said, "abcabcabc");
}

}  // namespace
