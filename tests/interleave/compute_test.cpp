// SPDX-License-Identifier: BSL-1.0
// The compute pool as it is shipped: its deque alone, and its workers as threads of the simulation.
#include <amphi/base/atomic.hpp>
#include <amphi/compute/job.hpp>
#include <amphi/compute/job_deque.hpp>
#include <amphi/compute/job_latch.hpp>
#include <amphi/compute/job_scope.hpp>
#include <amphi/compute/join.hpp>
#include <amphi/compute/pool.hpp>

#include "interleave/explore.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>

#include <gtest/gtest.h>

namespace {

using amphi::compute_options;
using amphi::compute_pool;
using amphi::testing::check;
using amphi::testing::explore;
using amphi::testing::scenario;
using namespace amphi::detail;

constexpr std::uint64_t seeds = 500;

class counted final : public job {
public:
    counted() noexcept : job([](job& self) noexcept { ++static_cast<counted&>(self).taken; }) {}
    int taken = 0;
};

template <std::size_t Count>
struct jobs_of_a_deque {
    std::array<counted, Count> jobs;
    job_deque deque;

    void run_all() {
        while (job* const left = deque.pop())
            left->run();
    }
    void check_all_taken() {
        run_all();
        for (const counted& each : jobs)
            check(each.taken == 1, each.taken == 0 ? "a job was lost" : "a job was taken twice");
    }
};

void steal_once(job_deque& from) {
    if (job* const stolen = from.steal()) stolen->run();
}

TEST(job_deque, gives_each_job_to_one_of_owner_and_thieves) {
    explore([](scenario& run) {
        const auto d = std::make_shared<jobs_of_a_deque<4>>();
        run.thread([d] {
            check(d->deque.push(d->jobs[0]), "");
            check(d->deque.push(d->jobs[1]), "");
            if (job* const popped = d->deque.pop()) popped->run();
            check(d->deque.push(d->jobs[2]), "");
            check(d->deque.push(d->jobs[3]), "");
            d->run_all();
        });
        for (int thief = 0; thief < 2; ++thief)
            run.thread([d] {
                steal_once(d->deque);
                steal_once(d->deque);
            });
        run.at_end([d] { d->check_all_taken(); });
    });
}

// A thief stands in the middle of a theft while the ring that it reads becomes the smaller one.
TEST(job_deque, grows_under_a_thief) {
    explore(
        [](scenario& run) {
            constexpr std::size_t full = 256;
            const auto d = std::make_shared<jobs_of_a_deque<full + 2>>();
            for (std::size_t i = 0; i + 1 < full; ++i)
                check(d->deque.push(d->jobs[i]), "");
            run.thread([d] {
                for (std::size_t i = full - 1; i < full + 2; ++i)
                    check(d->deque.push(d->jobs[i]), "");
                if (job* const popped = d->deque.pop()) popped->run();
            });
            run.thread([d] {
                for (int i = 0; i < 3; ++i)
                    steal_once(d->deque);
            });
            run.at_end([d] { d->check_all_taken(); });
        },
        100
    );
}

TEST(job_latch, wakes_who_waits_outside) {
    explore([](scenario& run) {
        const auto latch =
            std::make_shared<std::unique_ptr<job_latch>>(std::make_unique<job_latch>(nullptr));
        run.thread([at = latch->get()] { at->set(); });
        run.thread([latch] {
            (*latch)->wait_outside();
            latch->reset();
        });
    });
}

struct small_pool {
    std::unique_ptr<compute_pool> pool =
        std::make_unique<compute_pool>(compute_options{}.workers(2));
    atomic<int> users{1};

    void leave() {
        if (users.fetch_sub(1, std::memory_order_acq_rel) == 1) pool.reset();
    }
};

// A job that is left behind while both workers sleep would leave its caller asleep for ever.
TEST(compute_pool, leaves_no_call_from_outside_behind) {
    explore(
        [](scenario& run) {
            const auto s = std::make_shared<small_pool>();
            s->users.store(2, std::memory_order_relaxed);
            for (int caller = 0; caller < 2; ++caller)
                run.thread([s] {
                    check(s->pool->run([] { return 1; }) == 1, "the result was lost");
                    s->leave();
                });
        },
        seeds
    );
}

int fibonacci(int n) {
    if (n < 2) return n;
    const auto [a, b] =
        amphi::join([n] { return fibonacci(n - 1); }, [n] { return fibonacci(n - 2); });
    return a + b;
}

TEST(compute_pool, joins_what_it_forks) {
    explore(
        [](scenario& run) {
            const auto s = std::make_shared<small_pool>();
            run.thread([s] {
                check(s->pool->run([] { return fibonacci(4); }) == 3, "a half was lost");
                s->leave();
            });
        },
        seeds
    );
}

TEST(compute_pool, ends_both_halves_when_one_throws) {
    explore(
        [](scenario& run) {
            const auto s = std::make_shared<small_pool>();
            run.thread([s] {
                s->pool->run([] {
                    bool ended = false;
                    bool thrown = false;
                    try {
                        amphi::join(
                            [] { throw std::runtime_error("first"); }, [&] { ended = true; }
                        );
                    } catch (const std::runtime_error&) {
                        thrown = true;
                    }
                    check(thrown && ended, "a half did not end");
                });
                s->leave();
            });
        },
        seeds
    );
}

TEST(compute_pool, joins_the_jobs_of_a_scope) {
    explore(
        [](scenario& run) {
            const auto s = std::make_shared<small_pool>();
            run.thread([s] {
                s->pool->run([] {
                    atomic<int> ended{0};
                    amphi::parallel::scope([&](amphi::parallel::job_scope& jobs) {
                        for (int i = 0; i < 2; ++i)
                            jobs.spawn([&] {
                                jobs.spawn([&] { ended.fetch_add(1, std::memory_order_relaxed); });
                            });
                    });
                    check(ended.load(std::memory_order_relaxed) == 2, "a job was lost");
                });
                s->leave();
            });
        },
        seeds
    );
}

}  // namespace
