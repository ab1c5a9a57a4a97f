// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/wait.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/gate.hpp"
#include "support/lives.hpp"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::gate;

TEST(wait, blocks_a_thread_that_runs_no_task) {
    gate opened;
    std::jthread opener([&opened] { opened.open(); });
    amphi::wait(opened.pass());
    const auto before = clock::now();
    amphi::wait(sleep_for(5ms));
    EXPECT_GE(clock::now() - before, 5ms);
    amphi::wait(yield());
}

class waits : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, waits, amphi::testing::all_lives(), amphi::testing::name_of_life);

TEST_P(waits, in_a_task_obey_its_deadline_on_plain_threads_and_are_refused_on_a_worker) {
    run([]() -> task<> {
        const auto plain = [] { amphi::wait(sleep_until(never)); };
        const auto body = [](auto f) -> task<> {
            f();
            co_return;
        };
        try {
            co_await timeout(5ms, body, plain);
            ADD_FAILURE() << "nobody ends this sleep";
        } catch (const timed_out&) {
            EXPECT_FALSE(suspends());
        } catch (const would_block_worker&) {
            EXPECT_TRUE(suspends());
        }
    });
}

}  // namespace
