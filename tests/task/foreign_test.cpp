// SPDX-License-Identifier: BSL-1.0
// What a third party made for `co_await` can be awaited in both lives, whoever resumes it.
#include <amphi/base/error.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/task/foreign.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/borrowed.hpp"
#include "support/gate.hpp"
#include "support/lives.hpp"

#include <atomic>
#include <chrono>
#include <coroutine>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using namespace std::chrono_literals;
using amphi::testing::borrowed;
using amphi::testing::gate;

class foreign : public amphi::testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, foreign, amphi::testing::all_lives(), amphi::testing::name_of_life);

/// Resumes whoever awaits it on a thread of its own, which the library never saw.
class on_a_new_thread {
public:
    explicit on_a_new_thread(int value) noexcept : value_(value) {}
    on_a_new_thread(const on_a_new_thread&) = delete;
    on_a_new_thread& operator=(const on_a_new_thread&) = delete;
    ~on_a_new_thread() { thread_.join(); }

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> whoever) {
        thread_ = std::thread([this, whoever] {
            resumed_on_ = std::this_thread::get_id();
            whoever.resume();
        });
    }
    [[nodiscard]] std::unique_ptr<int> await_resume() const {
        if (value_ < 0) throw std::runtime_error("negative");
        return std::make_unique<int>(value_);
    }
    [[nodiscard]] std::thread::id resumed_on() const noexcept { return resumed_on_; }

private:
    int value_;
    std::thread::id resumed_on_;
    std::thread thread_;
};

task<int> twice(int value) {
    on_a_new_thread awaited(value);
    const auto before = std::this_thread::get_id();
    const std::unique_ptr<int> got = co_await awaited;
    EXPECT_NE(std::this_thread::get_id(), awaited.resumed_on());
    const bool is_there =
        detail::current_context().suspends() || std::this_thread::get_id() == before;
    EXPECT_TRUE(is_there);
    co_return *got * 2;
}

TEST_P(foreign, awaitables_are_resumed_elsewhere_and_the_task_goes_on_where_it_ran) {
    EXPECT_EQ(run(twice, 21), 42);
    EXPECT_THROW(run(twice, -1), std::runtime_error);
}

/// Resumes inside its own await_suspend.
struct at_once {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> whoever) const { whoever.resume(); }
    [[nodiscard]] std::string await_resume() const { return "at once"; }
};
struct has_a_member_operator {
    [[nodiscard]] at_once operator co_await() const noexcept { return {}; }
};
struct has_a_free_operator {};
at_once operator co_await(has_a_free_operator) {
    return {};
}
struct refers {
    int& to;
    [[nodiscard]] bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    [[nodiscard]] int& await_resume() const noexcept { return to; }
};

task<> await_each_form() {
    const at_once named;
    const std::string of_a_named_one = co_await named;
    EXPECT_EQ(of_a_named_one, "at once");
    const std::string of_a_member = co_await has_a_member_operator();
    EXPECT_EQ(of_a_member, "at once");
    const std::string of_a_free_one = co_await has_a_free_operator();
    EXPECT_EQ(of_a_free_one, "at once");
    co_await std::suspend_never();
    int value = 1;
    const refers reference{value};
    int& same = co_await reference;
    EXPECT_EQ(&same, &value);
}

TEST_P(foreign, awaitables_have_many_forms) {
    run(await_each_form);
}

/// A coroutine type of somebody else's, which knows no thread: who completes its child resumes it.
class their_task {
public:
    class promise_type {
    public:
        their_task get_return_object() noexcept {
            return their_task(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
        [[nodiscard]] auto final_suspend() const noexcept {
            struct to_waiter {
                [[nodiscard]] bool await_ready() const noexcept { return false; }
                [[nodiscard]] std::coroutine_handle<>
                await_suspend(std::coroutine_handle<promise_type> ended) const noexcept {
                    return ended.promise().waiter;
                }
                void await_resume() const noexcept {}
            };
            return to_waiter();
        }
        void return_value(int v) noexcept { value = v; }
        void unhandled_exception() const noexcept { std::terminate(); }

        int value = 0;
        std::coroutine_handle<> waiter;
    };

    their_task(const their_task&) = delete;
    their_task& operator=(const their_task&) = delete;
    ~their_task() { frame_.destroy(); }

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) const {
        frame_.promise().waiter = waiter;
        return frame_;
    }
    [[nodiscard]] int await_resume() const noexcept { return frame_.promise().value; }

private:
    explicit their_task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    std::coroutine_handle<promise_type> frame_;
};

/// Resumes on a new thread that somebody else joins.
class on_thread {
public:
    explicit on_thread(std::thread& started) noexcept : started_(started) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> whoever) const {
        started_ = std::thread([whoever] { whoever.resume(); });
    }
    void await_resume() const noexcept {}

private:
    std::thread& started_;
};

their_task add_on_another_thread(std::thread& started, int a, int b) {
    co_await on_thread(started);
    co_return a + b;
}

task<int> sum_of_theirs() {
    int sum = 0;
    for (int i = 0; i < 20; ++i) {
        std::thread started;
        const int one = co_await add_on_another_thread(started, i, 1);
        started.join();
        sum += one;
    }
    co_return sum;
}

TEST_P(foreign, coroutine_types_can_be_awaited) {
    EXPECT_EQ(run(sum_of_theirs), 190 + 20);
}

task<> await_many_at_once() {
    co_await scope([](task_scope& jobs) -> task<> {
        for (int i = 0; i < 50; ++i)
            (void)co_await jobs.spawn(twice, i);
    });
}

TEST_P(foreign, awaits_are_concurrent_like_any_other) {
    run(await_many_at_once);
}

/// Ends when the gate is opened, and knows of no stop.
class until_open {
public:
    until_open(gate& g, std::atomic<int>& begun) noexcept : gate_(g), begun_(begun) {}
    until_open(const until_open&) = delete;
    until_open& operator=(const until_open&) = delete;
    ~until_open() {
        if (thread_.joinable()) thread_.join();
    }

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> whoever) {
        begun_.fetch_add(1);
        thread_ = std::thread([this, whoever] {
            amphi::wait(gate_.pass());
            whoever.resume();
        });
    }
    void await_resume() const noexcept {}

private:
    gate& gate_;
    std::atomic<int>& begun_;
    std::thread thread_;
};

task<> await_twice(gate& closed, std::atomic<int>& begun) {
    until_open first(closed, begun);
    co_await first;
    until_open second(closed, begun);
    co_await second;
}

task<> await_twice_in_time(borrowed<gate> closed, borrowed<std::atomic<int>> begun) {
    bool ended = false;
    try {
        co_await timeout(10ms, await_twice, *closed, *begun);
    } catch (const timed_out&) {
        ended = true;
    }
    EXPECT_TRUE(ended);
}

TEST_P(foreign, awaits_are_not_cut_short_and_not_begun_after_a_stop) {
    gate closed;
    std::atomic<int> begun{0};
    std::thread opener([&closed] {
        amphi::wait(sleep_for(30ms));
        closed.open();
    });
    run(await_twice_in_time, closed, begun);
    opener.join();
    EXPECT_EQ(begun.load(), 1);
}

}  // namespace
