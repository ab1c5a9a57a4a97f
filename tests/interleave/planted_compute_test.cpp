// SPDX-License-Identifier: BSL-1.0
// Bugs put into the compute pool, as planted_test.cpp does it.
#include <amphi/compute/job.hpp>
#include <amphi/compute/job_deque.hpp>
#include <amphi/compute/job_latch.hpp>
#include <amphi/compute/pool.hpp>

#include "interleave/explore.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using amphi::testing::check;
using amphi::testing::explore_with;
using amphi::testing::fault;
using amphi::testing::make_scenario;
using amphi::testing::scenario;
using namespace amphi::detail;
using ::testing::HasSubstr;

constexpr std::uint64_t seeds = 10'000;

std::string
found(fault::kind what, const char* function, const make_scenario& make, std::size_t spared = 0) {
    return explore_with({what, function, spared}, make, seeds).value_or("not found");
}

class counted final : public job {
public:
    counted() noexcept : job([](job& self) noexcept { ++static_cast<counted&>(self).taken; }) {}
    int taken = 0;
};

// The owner takes two jobs back while a thief wants them.
void take_back_under_a_thief(scenario& run) {
    struct state {
        std::array<counted, 2> jobs;
        job_deque deque;
    };
    const auto s = std::make_shared<state>();
    for (counted& each : s->jobs)
        check(s->deque.push(each), "");
    run.thread([s] {
        while (job* const popped = s->deque.pop())
            popped->run();
    });
    run.thread([s] {
        for (int i = 0; i < 2; ++i)
            if (job* const stolen = s->deque.steal()) stolen->run();
    });
    run.at_end([s] {
        while (job* const left = s->deque.pop())
            left->run();
        for (const counted& each : s->jobs)
            check(each.taken == 1, each.taken == 0 ? "a job was lost" : "a job was taken twice");
    });
}

// A job is pushed that the thief has never seen.
void publish_to_a_thief(scenario& run) {
    struct state {
        counted pushed;
        int value = 0;
        job_deque deque;
    };
    const auto s = std::make_shared<state>();
    run.thread([s] {
        s->value = 7;
        check(s->deque.push(s->pushed), "");
    });
    run.thread([s] {
        if (s->deque.steal() != nullptr) check(s->value == 7, "what it refers to was not there");
    });
}

void call_from_outside(scenario& run) {
    const auto pool = std::make_shared<std::unique_ptr<amphi::compute_pool>>(
        std::make_unique<amphi::compute_pool>(amphi::compute_options{}.workers(1))
    );
    run.thread([pool] {
        for (int i = 0; i < 2; ++i)
            check((*pool)->run([] { return 1; }) == 1, "the result was lost");
        pool->reset();
    });
}

TEST(planted_compute, a_fence_that_is_none_is_found) {
    EXPECT_THAT(
        found(fault::kind::relaxed, "full_fence", take_back_under_a_thief), HasSubstr("race")
    );
}

TEST(planted_compute, a_top_that_is_not_moved_in_one_step_is_found) {
    EXPECT_THAT(
        found(fault::kind::torn, "job_deque::steal", take_back_under_a_thief), HasSubstr("race")
    );
}

TEST(planted_compute, a_bottom_that_publishes_nothing_is_found) {
    EXPECT_THAT(
        found(fault::kind::relaxed, "job_deque::push", publish_to_a_thief), HasSubstr("race")
    );
}

TEST(planted_compute, a_look_for_sleepers_that_is_a_load_is_found) {
    EXPECT_THAT(
        found(fault::kind::not_a_write, "want_wake_after_push", call_from_outside),
        HasSubstr("nobody can go on")
    );
}

TEST(planted_compute, a_sleeper_that_does_not_see_the_queue_is_found) {
    EXPECT_THAT(
        found(fault::kind::blind, "job_queue::looks_empty", call_from_outside),
        HasSubstr("nobody can go on")
    );
}

}  // namespace
