// SPDX-License-Identifier: BSL-1.0
#include <amphi/async/runtime.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/result.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/lives.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

class runs : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, runs, amphi::testing::all_lives(), amphi::testing::name_of_life);

task<int> add(int a, int b) {
    co_await yield();
    co_return a + b;
}

TEST_P(runs, return_the_value_and_throw_what_left_the_task) {
    EXPECT_EQ(run(add, 2, 3), 5);
    EXPECT_THROW(
        run([]() -> task<> {
            co_await yield();
            throw std::domain_error("left");
        }),
        std::domain_error
    );
}

TEST_P(runs, own_their_arguments) {
    const auto length = [](const std::string& text, std::unique_ptr<int> more) -> task<int> {
        co_await yield();
        co_return static_cast<int>(text.size()) + *more;
    };
    EXPECT_EQ(run(length, "12345", std::make_unique<int>(6)), 11);
}

TEST_P(runs, use_the_calling_thread_on_plain_threads_and_another_on_async) {
    const auto thread = []() -> task<std::size_t> {
        co_return std::hash<std::thread::id>()(std::this_thread::get_id());
    };
    const bool same = run(thread) == std::hash<std::thread::id>()(std::this_thread::get_id());
    EXPECT_EQ(same, !suspends());
}

TEST_P(runs, may_come_from_several_threads_at_once) {
    std::atomic<int> sum{0};
    {
        std::vector<std::jthread> callers;
        for (int t = 0; t < 4; ++t)
            callers.emplace_back([this, &sum] {
                for (int i = 0; i < 200; ++i)
                    sum.fetch_add(run(add, 1, 1));
            });
    }
    EXPECT_EQ(sum.load(), 4 * 200 * 2);
}

TEST_P(runs, may_be_called_again_after_a_failure) {
    for (int round = 0; round < 50; ++round) {
        EXPECT_THROW(
            run([]() -> task<> {
                throw std::runtime_error("again");
                co_return;
            }),
            std::runtime_error
        );
        EXPECT_EQ(run(add, round, 1), round + 1);
    }
}

TEST_P(runs, nest_on_plain_threads_and_are_refused_on_a_worker) {
    const auto nested = []() -> task<std::string> {
        std::string text;
        try {
            text = std::to_string(amphi::run(threads, add, 20, 1)) +
                   std::to_string(amphi::run(amphi::async, add, 20, 2));
        } catch (const would_block_worker& error) {
            text = error.what();
        }
        const int alive = co_await add(0, 1);
        co_return text + std::to_string(alive);
    };
    const std::string text = run(nested);
    if (suspends())
        EXPECT_THAT(text, HasSubstr("co_await"));
    else
        EXPECT_EQ(text, "21221");
}

// What surrounds a nested run reaches it, on the executor that it is on.
TEST_P(runs, inside_a_task_obey_its_deadline_and_its_stop) {
    if (suspends()) GTEST_SKIP() << "refused on a worker";
    for (const executor where : {executor(threads), executor(amphi::async)}) {
        static const executor* nested_on = nullptr;
        nested_on = &where;
        run([]() -> task<> {
            const auto runs_another = []() -> task<> {
                amphi::run(*nested_on, []() -> task<> { co_await sleep_until(never); });
                co_return;
            };
            auto late = co_await as_result(timeout(10ms, runs_another));
            EXPECT_THROW(std::move(late).value(), timed_out);
            co_await scope([](task_scope& jobs) -> task<> {
                const auto child = []() -> task<> {
                    amphi::run(*nested_on, []() -> task<> { co_await sleep_until(never); });
                    co_return;
                };
                (void)co_await jobs.spawn(child);
                jobs.request_stop();
            });
        });
    }
}

TEST(run_on_the_default_executor, is_on_plain_threads_unless_told) {
    ASSERT_EQ(std::getenv("AMPHI_ON"), nullptr);
    const bool on_async = amphi::run(default_executor, []() -> task<bool> {
        co_return detail::current_context().suspends();
    });
    EXPECT_FALSE(on_async);
}

int run_with(const char* variable, const char* value, executor where) {
    ::setenv(variable, value, 1);
    try {
        const bool on_async = amphi::run(where, []() -> task<bool> {
            co_return detail::current_context().suspends();
        });
        std::fputs(on_async ? "on async" : "on threads", stderr);
    } catch (const std::exception& error) {
        std::fputs(error.what(), stderr);
    }
    return 0;
}

// In processes of their own: each variable is read once.
class run_death : public ::testing::Test {
protected:
    run_death() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(run_death, goes_where_AMPHI_ON_says) {
    EXPECT_EXIT(
        std::_Exit(run_with("AMPHI_ON", "async", default_executor)),
        ::testing::ExitedWithCode(0),
        "on async"
    );
    EXPECT_EXIT(
        std::_Exit(run_with("AMPHI_ON", "threads", default_executor)),
        ::testing::ExitedWithCode(0),
        "on threads"
    );
}

TEST_F(run_death, refuses_a_bad_AMPHI_ON) {
    for (const char* bad : {"thread", "Async", "async "})
        EXPECT_EXIT(
            std::_Exit(run_with("AMPHI_ON", bad, default_executor)),
            ::testing::ExitedWithCode(0),
            "AMPHI_ON is '.*': use threads or async"
        );
}

TEST_F(run_death, refuses_a_bad_AMPHI_WORKERS) {
    for (const char* bad : {"0", "-1", "two", "1025", "3 ", "99999999999999999999"})
        EXPECT_EXIT(
            std::_Exit(run_with("AMPHI_WORKERS", bad, amphi::async)),
            ::testing::ExitedWithCode(0),
            "AMPHI_WORKERS is '.*': use a number from 1 to 1024"
        );
}

TEST_F(run_death, on_async_prints_the_trace_of_what_nobody_catches) {
    // Out of a thread, as out of main: where a noexcept function is inlined, g++ 12 ends the
    // program without saying which exception it was.
    EXPECT_DEATH(
        std::thread([] {
            amphi::run(amphi::async, []() -> task<> {
                const int sum = co_await add(1, 2);
                throw std::runtime_error(std::to_string(sum));
            });
        }).join(),
        "left these tasks:(.|\n)*run_test.cpp"
    );
}

}  // namespace
