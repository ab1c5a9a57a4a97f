// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/sync/broadcast.hpp>
#include <amphi/sync/channel.hpp>
#include <amphi/sync/oneshot.hpp>
#include <amphi/sync/watch_channel.hpp>
#include <amphi/task/context.hpp>

#include "interleave/explore.hpp"
#include "interleave/wait_here.hpp"

#include <chrono>
#include <cstdint>
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

/// An end that one thread of a scenario owns, and lets go when it likes.
template <class End>
std::shared_ptr<std::optional<End>> owned(End&& end) {
    return std::make_shared<std::optional<End>>(std::forward<End>(end));
}

// The receiver loses patience at any moment, and asks again: the value comes once.
TEST(oneshot, keeps_its_value_for_who_asks_again) {
    explore([](scenario& run) {
        auto [answer, answered] = amphi::oneshot<int>();
        const auto to = owned(std::move(answer));
        const auto from = owned(std::move(answered));
        run.thread([from] {
            std::optional<int> value;
            try {
                value = wait_here((*from)->receive(), with_deadline());
            } catch (const amphi::timed_out&) {
                value = wait_here((*from)->receive());
            }
            check(value == 7, "the value was lost");
            check(!wait_here((*from)->receive()), "the value came twice");
            from->reset();
        });
        run.thread([to] {
            check((*to)->send(7), "the receiver is there");
            to->reset();
        });
    });
}

// The sender goes without a value while the receiver goes to wait, or goes too.
TEST(oneshot, tells_that_no_value_will_come) {
    explore([](scenario& run) {
        auto [answer, answered] = amphi::oneshot<int>();
        const auto to = owned(std::move(answer));
        const auto from = owned(std::move(answered));
        run.thread([from] {
            check(!wait_here((*from)->receive()), "nothing was sent");
            from->reset();
        });
        run.thread([to] { to->reset(); });
    });
}

// Room for two of four values: what was not received was counted as missed.
TEST(broadcast, tells_how_many_were_missed) {
    explore([](scenario& run) {
        auto [sender, receiver] = amphi::broadcast<int>(2);
        const auto to = owned(std::move(sender));
        const auto from = owned(std::move(receiver));
        run.thread([from] {
            int next = 0;
            for (;;) {
                try {
                    const std::optional<int> item = wait_here((*from)->receive());
                    if (!item) break;
                    check(*item == next, "a value came out of its turn");
                    ++next;
                } catch (const amphi::receiver_lagged& lagged) {
                    next += static_cast<int>(lagged.missed());
                }
            }
            check(next == 4, "a value was lost");
            from->reset();
        });
        run.thread([to] {
            for (int i = 0; i < 4; ++i)
                (void)(*to)->send(i);
            to->reset();
        });
    });
}

// A receiver sees the last value whatever it has skipped, and then the end.
TEST(watch_channel, shows_the_last_value_before_the_end) {
    explore([](scenario& run) {
        auto [sender, receiver] = amphi::watch_channel<int>(0);
        const auto to = owned(std::move(sender));
        const auto from = owned(std::move(receiver));
        run.thread([from] {
            int last = 0;
            while (const std::shared_ptr<const int> now = wait_here((*from)->changed())) {
                check(*now > last, "an old value came again");
                last = *now;
            }
            check(last == 2, "the last value was not seen");
            from->reset();
        });
        run.thread([to] {
            (*to)->set(1);
            (*to)->set(2);
            to->reset();
        });
    });
}

// Two senders, room for one value; the receiver goes after the first. Nobody waits on, and what was
// refused is still there.
TEST(channel, lets_its_senders_go_on_when_the_receiver_goes) {
    explore([](scenario& run) {
        auto [to, receiver] = amphi::channel<std::unique_ptr<int>>(1);
        for (int i = 0; i < 2; ++i)
            run.thread([mine = owned(amphi::sender<std::unique_ptr<int>>(to))] {
                for (int n = 0; n < 2; ++n) {
                    auto sending = (*mine)->send(std::make_unique<int>(n));
                    const bool sent = wait_here(sending);
                    check(sent != sending.unsent().has_value(), "it is lost, or was kept");
                }
                mine->reset();
            });
        run.thread([from = owned(std::move(receiver))] {
            const auto first = wait_here((*from)->receive());
            check(first.has_value() && *first != nullptr, "a value was sent");
            from->reset();
        });
    });
}

}  // namespace
