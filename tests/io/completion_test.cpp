// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/io/completion.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/timeout.hpp>

#include "support/cancel.hpp"
#include "support/lives.hpp"
#include "support/seed.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace amphi {
namespace {

class completion_test : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, completion_test, testing::all_lives(), testing::name_of_life);

template <class T>
task<T> result_of(completion<T>& waited) {
    co_return co_await waited;
}

TEST_P(completion_test, an_outcome_that_came_before_does_not_wait) {
    run([]() -> task<> {
        completion<std::string> done;
        EXPECT_TRUE(done.to_complete().complete("ready"));
        const std::string value = co_await done;
        EXPECT_EQ(value, "ready");
    });
}

TEST_P(completion_test, a_thread_that_the_library_never_saw_may_complete_it) {
    run([]() -> task<> {
        completion<std::unique_ptr<int>> done;
        std::thread foreign([to = done.to_complete()] { to.complete(std::make_unique<int>(7)); });
        const std::unique_ptr<int> value = co_await done;
        foreign.join();
        EXPECT_EQ(*value, 7);
    });
}

TEST_P(completion_test, one_without_a_value_just_ends_the_wait) {
    run([]() -> task<> {
        completion<void> done;
        std::thread foreign([to = done.to_complete()] { to.complete(); });
        co_await done;
        foreign.join();
    });
}

TEST_P(completion_test, a_failure_is_thrown_at_the_await) {
    run([]() -> task<> {
        completion<int> done;
        done.to_complete().fail(std::make_exception_ptr(std::domain_error("no")));
        std::string said;
        try {
            (void)co_await done;
        } catch (const std::domain_error& error) {
            said = error.what();
        }
        EXPECT_EQ(said, "no");
    });
}

class explosive {
public:
    explicit explosive(int) { throw std::domain_error("boom"); }
};

TEST_P(completion_test, a_value_that_throws_in_the_making_is_a_failure) {
    EXPECT_THROW(
        run([]() -> task<> {
            completion<explosive> done;
            done.to_complete().complete(1);
            (void)co_await done;
        }),
        std::domain_error
    );
}

TEST_P(completion_test, the_first_outcome_counts) {
    run([]() -> task<> {
        completion<int> done;
        const completer<int> first = done.to_complete();
        const completer<int>& second = first;
        EXPECT_TRUE(first.complete(1));
        EXPECT_FALSE(second.complete(2));
        EXPECT_FALSE(second.fail(std::make_exception_ptr(std::domain_error("late"))));
        const int value = co_await done;
        EXPECT_EQ(value, 1);
    });
}

TEST_P(completion_test, a_callback_that_is_never_called_leaves_nobody_waiting) {
    run([]() -> task<> {
        completion<int> done;
        std::function<void(int)> callback = [to = done.to_complete()](int value) {
            to.complete(value);
        };
        auto copy = callback;
        std::thread foreign([&callback] { callback = nullptr; });
        foreign.join();
        std::thread last([&copy] { copy = nullptr; });
        bool abandoned = false;
        try {
            (void)co_await done;
        } catch (const abandoned_completion&) {
            abandoned = true;
        }
        EXPECT_TRUE(abandoned);
        last.join();
    });
}

TEST_P(completion_test, without_any_completer_it_is_abandoned) {
    EXPECT_THROW(
        run([]() -> task<> {
            completion<int> done;
            (void)co_await done;
        }),
        abandoned_completion
    );
}

TEST_P(completion_test, a_cancelled_wait_can_be_taken_up_again) {
    run([]() -> task<> {
        completion<int> done;
        const completer<int> to = done.to_complete();
        co_await testing::expect_deadline_ends(result_of<int>, done);
        EXPECT_TRUE(to.is_awaited());
        to.complete(5);
        const int value = co_await done;
        EXPECT_EQ(value, 5);
    });
}

task<> wait_for_ever() {
    completion<void> never_comes;
    const completer<void> kept = never_comes.to_complete();
    co_await never_comes;
}

TEST_P(completion_test, a_stop_ends_the_wait) {
    run(testing::expect_stop_ends<task<> (*)()>, wait_for_ever);
}

TEST_P(completion_test, an_outcome_may_come_after_the_completion_is_gone) {
    std::optional<completer<std::string>> late;
    {
        completion<std::string> done;
        late = done.to_complete();
    }
    EXPECT_FALSE(late->is_awaited());
    EXPECT_TRUE(late->complete("nobody hears"));
}

TEST_P(completion_test, its_end_travels_through_a_pointer_of_c) {
    run([]() -> task<> {
        completion<int> done;
        void* const context = done.to_complete().release();
        std::thread foreign([context] { completer<int>::adopt(context).complete(9); });
        const int value = co_await done;
        foreign.join();
        EXPECT_EQ(value, 9);
    });
}

TEST(completion, a_plain_function_can_wait_for_it) {
    completion<int> done;
    std::thread foreign([to = done.to_complete()] { to.complete(3); });
    EXPECT_EQ(wait(done), 3);
    foreign.join();
}

// An outcome and a deadline at the same moment: one of them ends the wait, and the outcome is there
// in either case.
TEST_P(completion_test, an_outcome_that_meets_a_cancel_is_not_lost) {
    const testing::seeded seeded;
    run(
        [](std::uint64_t seed) -> task<> {
            std::mt19937_64 random(seed);
            for (int round = 0; round < 300; ++round) {
                const auto patience = std::chrono::microseconds(random() % 150);
                completion<int> done;
                const auto when = clock::now() + std::chrono::microseconds(random() % 150);
                std::thread foreign([to = done.to_complete(), when, round] {
                    while (clock::now() < when) {
                    }
                    to.complete(round);
                });
                std::optional<int> value;
                try {
                    value = co_await timeout(patience, result_of<int>, done);
                } catch (const timed_out&) {
                }
                if (!value) value = co_await done;
                EXPECT_EQ(value, round);
                foreign.join();
            }
        },
        seeded.seed()
    );
}

}  // namespace
}  // namespace amphi
