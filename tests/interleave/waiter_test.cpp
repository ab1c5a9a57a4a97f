// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/base/futex.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/promise.hpp>
#include <amphi/task/scheduler.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/waiter.hpp>

#include "async/shared_queue.hpp"
#include "interleave/explore.hpp"
#include "interleave/gate.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include <gtest/gtest.h>

namespace {

using amphi::testing::check;
using amphi::testing::explore;
using amphi::testing::gate;
using amphi::testing::gate_operation;
using amphi::testing::scenario;
using namespace amphi::detail;

// Late enough that only the scheduler's choice lets it pass.
const amphi::time_point far_away = amphi::clock::now() + std::chrono::hours(24);

// Two gates open while one thread waits for both. Each claims by its number, and what it handed
// over is there; the waiter is gone right after the wait.
void waits_for_two(scenario& run, amphi::time_point deadline) {
    struct state {
        gate sources[2];
        std::unique_ptr<waiter> waiting = std::make_unique<waiter>();
    };
    const auto s = std::make_shared<state>();
    run.thread([s, deadline] {
        s->waiting->prepare_thread();
        s->sources[0].publish(ticket(*s->waiting, 0));
        s->sources[1].publish(ticket(*s->waiting, 1));
        if (s->waiting->arm()) s->waiting->sleep(deadline);
        s->sources[0].withdraw();
        s->sources[1].withdraw();
        const waiter::source by = s->waiting->claimed_by();
        s->waiting.reset();
        if (by == waiter::deadline_source)
            check(deadline != amphi::never, "a wait without a deadline timed out");
        else
            check(s->sources[by].value() == 10 + by, "the winner has handed over nothing");
    });
    run.thread([s] { s->sources[0].open(10); });
    run.thread([s] { s->sources[1].open(11); });
}

TEST(waiter, is_claimed_by_one_of_two_sources) {
    explore([](scenario& run) { waits_for_two(run, amphi::never); });
}

TEST(waiter, is_claimed_by_a_source_or_its_deadline) {
    explore([](scenario& run) { waits_for_two(run, far_away); });
}

// An operation on a plain thread, ended by its gate, by a stop or by the deadline. Then the same
// thread waits again, under no stop: the first wait has left nothing behind.
TEST(waiter, of_a_plain_thread_ends_by_its_source_a_stop_or_the_deadline) {
    explore([](scenario& run) {
        struct state {
            gate source;
            stop_state stop;
        };
        const auto s = std::make_shared<state>();
        run.thread([s] {
            context where;
            where.stop = &s->stop;
            where.deadline = far_away;
            try {
                gate_operation op(s->source);
                check(op.ready(where), "a plain thread does not suspend");
                check(op.finish() == 7, "the value was lost");
            } catch (const amphi::operation_cancelled&) {
                check(s->stop.requested() == stop_reason::cancel, "cancelled by nobody");
            } catch (const amphi::timed_out&) {
                check(true, "");
            }
            gate_operation again(s->source);
            check(again.ready(outside_of_tasks()), "a plain thread does not suspend");
            check(again.finish() == 7, "the value was lost");
        });
        run.thread([s] { s->source.open(7); });
        run.thread([s] { s->stop.request(stop_reason::cancel); });
    });
}

// An executor of one thread.
class loop final : public scheduler {
public:
    void schedule(promise_base& frame) noexcept override {
        queue_.push(frame);
        runnable_.fetch_add(1, std::memory_order_release);
        futex_wake(&runnable_, 1);
    }
    void schedule_last(promise_base& frame) noexcept override { schedule(frame); }
    void start(task_block&) override {}
    stop_state* daemon_stop() noexcept override { return nullptr; }

    promise_base& next() noexcept {
        while (runnable_.load(std::memory_order_acquire) == 0)
            futex_wait(runnable_, 0);
        promise_base* const frame = queue_.take(1);
        check(frame != nullptr, "a runnable frame is in the queue");
        return *frame;
    }

private:
    shared_queue queue_;
    amphi::detail::atomic<std::uint32_t> runnable_{0};
};

// A coroutine's wait: whoever suspends it touches nothing of it any more, another thread goes on
// and destroys the operation at once. It is resumed exactly once.
TEST(waiter, of_a_coroutine_is_resumed_once_elsewhere) {
    explore([](scenario& run) {
        struct state {
            gate source;
            stop_state stop;
            loop home;
            context where;
            promise_base frame;
            std::unique_ptr<gate_operation> op;
            int ends = 0;

            void end() {
                ++ends;
                try {
                    check(op->finish() == 7, "the value was lost");
                } catch (const amphi::operation_cancelled&) {
                    check(stop.requested() == stop_reason::cancel, "cancelled by nobody");
                }
                op.reset();
            }
        };
        const auto s = std::make_shared<state>();
        s->where.home = &s->home;
        s->where.stop = &s->stop;
        s->frame.where = &s->where;
        s->op = std::make_unique<gate_operation>(s->source);
        run.thread([s] {
            const bool suspended = !s->op->ready(s->where) && s->op->suspend(s->frame);
            if (!suspended) s->home.schedule(s->frame);
        });
        run.thread([s] {
            check(&s->home.next() == &s->frame, "another frame");
            s->end();
        });
        run.thread([s] { s->source.open(7); });
        run.thread([s] { s->stop.request(stop_reason::cancel); });
        run.at_end([s] { check(s->ends == 1, "resumed twice"); });
    });
}

}  // namespace
