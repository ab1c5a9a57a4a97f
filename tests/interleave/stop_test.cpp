// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/task/stop.hpp>
#include <amphi/task/waiter.hpp>

#include "interleave/explore.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace {

using amphi::testing::check;
using amphi::testing::explore;
using amphi::testing::scenario;
using namespace amphi::detail;

// Waits until a stop comes through `under`.
void wait_for_stop(stop_state& under) {
    waiter waiting;
    waiting.prepare_thread();
    if (!under.park(waiting)) return;
    if (waiting.arm()) waiting.sleep(amphi::never);
    under.unpark();
    check(waiting.claimed_by() == waiter::stop_source, "only a stop could end this wait");
}

// A child is attached, waits and goes away while its parent and grandparent are stopped: it hears
// of the one or of the other, never sleeps for ever, and nobody touches it when it is gone.
TEST(stop, reaches_a_child_that_comes_and_goes) {
    explore([](scenario& run) {
        struct state {
            stop_state grandparent;
            stop_state parent;
        };
        const auto s = std::make_shared<state>();
        s->parent.attach(&s->grandparent);
        for (int i = 0; i < 2; ++i)
            run.thread([s] {
                const auto child = std::make_unique<stop_state>();
                child->attach(&s->parent);
                wait_for_stop(*child);
                check(child->requested() == stop_reason::cancel, "woken without a reason");
            });
        run.thread([s] { s->grandparent.request(stop_reason::cancel); });
        run.thread([s] { s->parent.request(stop_reason::cancel); });
    });
}

// Of two reasons one is the first, and what it says about its timeout belongs to it.
TEST(stop, has_one_reason) {
    explore([](scenario& run) {
        struct state {
            stop_state stop;
            int timeout = 0;
            bool accepted[2] = {};
        };
        const auto s = std::make_shared<state>();
        run.thread([s] { s->accepted[0] = s->stop.request(stop_reason::cancel); });
        run.thread([s] { s->accepted[1] = s->stop.request(stop_reason::deadline, &s->timeout); });
        run.thread([s] {
            wait_for_stop(s->stop);
            const bool deadline = s->stop.requested() == stop_reason::deadline;
            check(s->stop.timeout() == (deadline ? &s->timeout : nullptr), "another's timeout");
        });
        // One who only looks.
        run.thread([s] {
            if (s->stop.requested() == stop_reason::deadline)
                check(s->stop.timeout() == &s->timeout, "a deadline without its timeout");
        });
        run.at_end([s] { check(s->accepted[0] != s->accepted[1], "two first requests"); });
    });
}

}  // namespace
