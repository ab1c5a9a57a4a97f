// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/sync/barrier.hpp>
#include <amphi/sync/channel.hpp>
#include <amphi/sync/condition.hpp>
#include <amphi/sync/event.hpp>
#include <amphi/sync/latch.hpp>
#include <amphi/sync/mutex.hpp>
#include <amphi/sync/rwlock.hpp>
#include <amphi/sync/semaphore.hpp>
#include <amphi/task/context.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/timeout.hpp>

#include "interleave/explore.hpp"
#include "interleave/wait_here.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

namespace {

using amphi::testing::check;
using amphi::testing::explore;
using amphi::testing::scenario;
using amphi::testing::wait_here;
using amphi::testing::with_deadline;
using namespace amphi::detail;

/// A plain thread's task that others may stop.
class stoppable {
public:
    stoppable() noexcept { where.stop = &stop; }

    stop_state stop;
    context where;
};

// Three threads, the third of which may be stopped while it waits. Whoever is in is alone, and the
// mutex is free in the end.
TEST(mutex, is_held_by_one_and_lost_by_no_stop) {
    explore([](scenario& run) {
        struct state {
            amphi::mutex<int> guarded{0};
            stoppable third;
            int done = 0;
        };
        const auto s = std::make_shared<state>();
        const auto use = [s](const context& where) {
            const auto guard = wait_here(s->guarded.lock(), where);
            const int before = *guard;
            check(before == s->done, "two were in at once");
            *guard = before + 1;
            s->done = *guard;
        };
        run.thread([use] { use(outside_of_tasks()); });
        run.thread([use, s] {
            s->third.stop.request(stop_reason::cancel);
            use(outside_of_tasks());
        });
        run.thread([use, s] {
            try {
                use(s->third.where);
            } catch (const amphi::operation_cancelled&) {
                check(true, "");
            }
        });
        run.at_end([s] { check(bool(s->guarded.try_lock()), "the mutex was never unlocked"); });
    });
}

// Each of two gives its share up under the lock, and the last of them destroys it: also when the
// first one's unlock finds that the other waits no more.
TEST(mutex, may_be_destroyed_by_whoever_locks_it_last) {
    explore([](scenario& run) {
        struct state {
            std::unique_ptr<amphi::mutex<int>> shares = std::make_unique<amphi::mutex<int>>(2);
            amphi::event tried;

            void give_up(amphi::mutex_guard<int>& guard) {
                const bool last = --*guard == 0;
                guard.unlock();
                if (last) shares.reset();
            }
        };
        const auto s = std::make_shared<state>();
        run.thread([s] {
            auto guard = wait_here(s->shares->lock());
            wait_here(s->tried.wait());
            s->give_up(guard);
        });
        run.thread([s] {
            amphi::mutex_guard<int> guard;
            try {
                guard = wait_here(s->shares->lock(), with_deadline());
                s->tried.set();
            } catch (const amphi::timed_out&) {
                s->tried.set();
                guard = wait_here(s->shares->lock());
            }
            s->give_up(guard);
        });
    });
}

// Two permits; one wants both, one wants one and may be stopped, one brings another permit.
TEST(semaphore, gives_every_permit_once) {
    explore([](scenario& run) {
        struct state {
            amphi::semaphore permits{1};
            stoppable modest;
        };
        const auto s = std::make_shared<state>();
        run.thread([s] { (void)wait_here(s->permits.acquire(2)); });
        run.thread([s] {
            try {
                (void)wait_here(s->permits.acquire(1), s->modest.where);
            } catch (const amphi::operation_cancelled&) {
                check(true, "");
            }
        });
        run.thread([s] {
            s->permits.release();
            s->modest.stop.request(stop_reason::cancel);
        });
        run.at_end([s] { check(s->permits.available() == 2, "permits were lost or made"); });
    });
}

// The permit says that the other is done: whoever has it destroys the semaphore, also when an
// earlier wait for it was given up.
TEST(semaphore, may_be_destroyed_by_whoever_gets_the_permit) {
    explore([](scenario& run) {
        const auto done =
            std::make_shared<std::unique_ptr<amphi::semaphore>>(new amphi::semaphore(0));
        run.thread([done] {
            try {
                wait_here((*done)->acquire(), with_deadline()).forget();
            } catch (const amphi::timed_out&) {
                wait_here((*done)->acquire()).forget();
            }
            done->reset();
        });
        amphi::semaphore* const permits = done->get();
        run.thread([permits] { permits->release(); });
    });
}

// The waiter destroys the event as soon as its wait returns.
TEST(event, may_be_destroyed_after_its_wait) {
    explore([](scenario& run) {
        const auto s =
            std::make_shared<std::unique_ptr<amphi::event>>(std::make_unique<amphi::event>());
        run.thread([s] {
            wait_here((*s)->wait());
            s->reset();
        });
        amphi::event* const at = s->get();
        run.thread([at] { at->set(); });
    });
}

// One set, two who wait, one of whom may be stopped: exactly one takes it, or it is still there.
TEST(event, that_resets_itself_loses_no_set_to_a_stop) {
    explore([](scenario& run) {
        struct state {
            amphi::event turn{amphi::event_kind::auto_reset};
            stoppable first;
            bool taken = false;
        };
        const auto s = std::make_shared<state>();
        run.thread([s] {
            try {
                wait_here(s->turn.wait(), s->first.where);
                s->taken = true;
            } catch (const amphi::operation_cancelled&) {
                check(true, "");
            }
        });
        run.thread([s] { s->turn.set(); });
        run.thread([s] { s->first.stop.request(stop_reason::cancel); });
        run.at_end([s] { check(s->taken != s->turn.is_set(), "a set was lost, or taken twice"); });
    });
}

// A writer loses patience between two readers: the second one does not wait on for it.
TEST(rwlock, lets_readers_go_on_when_a_writer_gives_up) {
    explore([](scenario& run) {
        const auto guarded = std::make_shared<amphi::rwlock<int>>(0);
        for (int reader = 0; reader < 2; ++reader)
            run.thread([guarded] { check(*wait_here(guarded->read()) < 2, "it was written once"); }
            );
        run.thread([guarded] {
            try {
                ++*wait_here(guarded->write(), with_deadline());
            } catch (const amphi::timed_out&) {
                check(true, "");
            }
        });
        run.at_end([guarded] { check(bool(guarded->try_write()), "it was never unlocked"); });
    });
}

// The waiter destroys the latch as soon as its wait returns.
TEST(latch, may_be_destroyed_after_its_wait) {
    explore([](scenario& run) {
        const auto s =
            std::make_shared<std::unique_ptr<amphi::latch>>(std::make_unique<amphi::latch>(2));
        run.thread([s] {
            wait_here((*s)->wait());
            s->reset();
        });
        amphi::latch* const at = s->get();
        for (int i = 0; i < 2; ++i)
            run.thread([at] { at->count_down(); });
    });
}

// Two phases of two; whoever returns last destroys the barrier.
TEST(barrier, may_be_destroyed_after_the_last_wait) {
    explore([](scenario& run) {
        struct state {
            std::unique_ptr<amphi::barrier> at = std::make_unique<amphi::barrier>(2);
            atomic<int> inside{2};
            atomic<int> last{0};
        };
        const auto s = std::make_shared<state>();
        for (int i = 0; i < 2; ++i)
            run.thread([s] {
                for (int phase = 0; phase < 2; ++phase)
                    if (wait_here(s->at->arrive_and_wait()))
                        s->last.fetch_add(1, std::memory_order_relaxed);
                if (s->inside.fetch_sub(1, std::memory_order_acq_rel) == 1) s->at.reset();
            });
        run.at_end([s] {
            check(s->last.load(std::memory_order_relaxed) == 2, "one of each phase comes last");
        });
    });
}

// One loses patience at any moment and arrives again: it was counted once, or not at all.
TEST(barrier, counts_no_arrival_that_was_given_up) {
    explore([](scenario& run) {
        const auto at = std::make_shared<amphi::barrier>(2);
        run.thread([at] {
            try {
                (void)wait_here(at->arrive_and_wait(), with_deadline());
            } catch (const amphi::timed_out&) {
                (void)wait_here(at->arrive_and_wait());
            }
        });
        run.thread([at] { (void)wait_here(at->arrive_and_wait()); });
    });
}

struct tokens {
    amphi::mutex<int> left{0};
    amphi::condition more;
};
struct shared_tokens {
    std::shared_ptr<tokens> of;
};

}  // namespace

template <>
inline constexpr bool amphi::enable_sendable<shared_tokens> = true;

namespace {

amphi::task<> put_token(shared_tokens to) {
    {
        const auto guard = co_await to.of->left.lock();
        ++*guard;
    }
    to.of->more.notify_one();
}
amphi::task<> take_token(shared_tokens from) {
    auto guard = co_await from.of->left.lock();
    co_await from.of->more.wait(guard, [](int left) { return left > 0; });
    --*guard;
}
amphi::task<> take_or_give_up(shared_tokens from) {
    bool taken = true;
    try {
        co_await amphi::timeout(std::chrono::hours(1), take_token, from);
    } catch (const amphi::timed_out&) {
        taken = false;
    }
    if (taken) co_await put_token(from);
}

// One token and one notification. Who loses patience does not keep the notification, and who gets
// the token gives it back: the other gets it in the end.
TEST(condition, loses_no_notification_to_a_deadline) {
    explore([](scenario& run) {
        const shared_tokens s{std::make_shared<tokens>()};
        run.thread([s] { amphi::run(amphi::threads, take_token, s); });
        run.thread([s] { amphi::run(amphi::threads, take_or_give_up, s); });
        run.thread([s] { amphi::run(amphi::threads, put_token, s); });
        run.at_end([s] { check(*s.of->left.try_lock() == 0, "a token was lost or doubled"); });
    });
}

// A channel for one value. Two senders, one of whom may be stopped; the receiver takes what comes
// until the channel is closed by the last sender's going.
TEST(channel, brings_what_was_sent_and_no_more) {
    explore([](scenario& run) {
        struct state {
            std::optional<amphi::sender<int>> first;
            std::optional<amphi::sender<int>> second;
            std::optional<amphi::receiver<int>> from;
            stoppable impatient;
            int sent = 0;
            int received = 0;
        };
        const auto s = std::make_shared<state>();
        auto [to, from] = amphi::channel<int>(1);
        s->first.emplace(to);
        s->second.emplace(std::move(to));
        s->from.emplace(std::move(from));
        run.thread([s] {
            for (int i = 0; i < 2; ++i)
                check(wait_here(s->first->send(1)), "the channel is open");
            s->impatient.stop.request(stop_reason::cancel);
            s->first.reset();
        });
        run.thread([s] {
            try {
                check(wait_here(s->second->send(10), s->impatient.where), "the channel is open");
                s->sent = 10;
            } catch (const amphi::operation_cancelled&) {
                check(true, "");
            }
            s->second.reset();
        });
        run.thread([s] {
            while (const std::optional<int> item = wait_here(s->from->receive()))
                s->received += *item;
        });
        run.at_end([s] {
            check(s->received == 2 + s->sent, "a value was lost, doubled or sent after a stop");
        });
    });
}

// A receiver that may be stopped, and one that may not: the value goes to one of them.
TEST(channel, gives_a_value_to_another_receiver_when_one_is_stopped) {
    explore([](scenario& run) {
        struct state {
            std::optional<amphi::sender<int>> to;
            std::optional<amphi::receiver<int>> from;
            std::optional<amphi::receiver<int>> other;
            stoppable impatient;
            int received = 0;
            int received_by_other = 0;
        };
        const auto s = std::make_shared<state>();
        auto [to, from] = amphi::channel<int>(1);
        s->to.emplace(std::move(to));
        s->other.emplace(from);
        s->from.emplace(std::move(from));
        run.thread([s] {
            try {
                const std::optional<int> item = wait_here(s->from->receive(), s->impatient.where);
                s->received += item.value_or(0);
            } catch (const amphi::operation_cancelled&) {
                check(true, "");
            }
        });
        run.thread([s] {
            s->impatient.stop.request(stop_reason::cancel);
            const std::optional<int> item = wait_here(s->other->receive());
            s->received_by_other += item.value_or(0);
        });
        run.thread([s] {
            check(wait_here(s->to->send(7)), "the channel is open");
            s->to.reset();
        });
        run.at_end([s] {
            check(s->received + s->received_by_other == 7, "the value went to nobody, or to both");
        });
    });
}

}  // namespace
