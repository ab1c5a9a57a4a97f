// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/lock.hpp>

#include "interleave/explore.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace {

using amphi::detail::lock;
using amphi::detail::lock_guard;
using amphi::testing::check;
using amphi::testing::explore;
using amphi::testing::scenario;

struct counter {
    lock guard;
    int value = 0;
};

// Three threads, two turns each. An increment outside of the lock would be a race.
void increments(scenario& run) {
    const auto shared = std::make_shared<counter>();
    for (int thread = 0; thread < 3; ++thread)
        run.thread([shared] {
            for (int turn = 0; turn < 2; ++turn) {
                const lock_guard guard(shared->guard);
                ++shared->value;
            }
        });
    run.at_end([shared] { check(shared->value == 6, "an increment was lost"); });
}

TEST(lock, keeps_others_out_and_wakes_them) {
    explore(increments);
}

// The last access of `release` is its exchange: whoever comes next may destroy the lock.
TEST(lock, may_be_destroyed_by_whoever_acquires_it_next) {
    explore([](scenario& run) {
        const auto shared = std::make_shared<std::unique_ptr<counter>>(new counter);
        for (int thread = 0; thread < 2; ++thread)
            run.thread([shared] {
                counter& c = **shared;
                c.guard.acquire();
                const bool last = ++c.value == 2;
                c.guard.release();
                if (last) shared->reset();
            });
    });
}

}  // namespace
