// SPDX-License-Identifier: BSL-1.0
#include <amphi/task/promise.hpp>

#include "async/local_queue.hpp"
#include "async/shared_queue.hpp"
#include "interleave/explore.hpp"

#include <array>
#include <cstddef>
#include <memory>

#include <gtest/gtest.h>

namespace {

using amphi::testing::check;
using amphi::testing::explore;
using amphi::testing::scenario;
using namespace amphi::detail;

/// Frames of tasks that never run: each is to be taken exactly once.
template <std::size_t Count>
struct queues {
    std::array<promise_base, Count> frames;
    std::array<int, Count> taken{};
    local_queue owned;
    local_queue stolen[2];
    shared_queue shared;

    void take(promise_base* frame) {
        if (frame != nullptr) ++taken[static_cast<std::size_t>(frame - frames.data())];
    }
    void take_all_of(local_queue& queue) {
        while (promise_base* const frame = queue.pop())
            take(frame);
    }

    void steal(local_queue& into) {
        take(owned.steal_into(into).first);
        take_all_of(into);
    }

    void check_all_taken() {
        take_all_of(owned);
        while (promise_base* const frame = shared.take(1))
            take(frame);
        for (const int times : taken)
            check(times == 1, times == 0 ? "a task was lost" : "a task was taken twice");
    }
};

TEST(run_queue, gives_each_task_to_one_of_owner_and_thieves) {
    explore([](scenario& run) {
        const auto q = std::make_shared<queues<6>>();
        for (std::size_t i = 0; i < 4; ++i)
            q->owned.push(q->frames[i], q->shared);
        run.thread([q] {
            q->take(q->owned.pop());
            q->owned.push(q->frames[4], q->shared);
            q->take(q->owned.pop());
            q->owned.push(q->frames[5], q->shared);
            q->take_all_of(q->owned);
        });
        for (local_queue& into : q->stolen)
            run.thread([q, &into] {
                q->steal(into);
                q->steal(into);
            });
        run.at_end([q] { q->check_all_taken(); });
    });
}

// A thief that has claimed half of a full queue is slow to read it. The owner meanwhile runs out of
// work and steals itself: into slots that the thief has read, or no slots.
TEST(run_queue, is_not_written_by_its_owners_theft_where_a_thief_still_reads) {
    constexpr std::size_t full = local_queue::capacity;
    explore(
        [](scenario& run) {
            const auto q = std::make_shared<queues<2 * full>>();
            local_queue& slow = q->stolen[0];
            local_queue& other = q->stolen[1];
            for (std::size_t i = 0; i < full; ++i) {
                q->owned.push(q->frames[i], q->shared);
                other.push(q->frames[full + i], q->shared);
            }
            run.thread([q, &slow] { q->steal(slow); });
            run.thread([q, &other] {
                q->take_all_of(q->owned);
                q->take(other.steal_into(q->owned).first);
                q->take_all_of(q->owned);
            });
            run.at_end([q, &other] {
                q->take_all_of(other);
                q->check_all_taken();
            });
        },
        400
    );
}

// The queue is full but for one place when the owner pushes two: it moves half to the shared queue,
// unless a thief has just made room, or is at work, when only the pushed one goes there.
TEST(run_queue, loses_none_that_do_not_fit) {
    constexpr std::size_t filled = local_queue::capacity - 1;
    explore(
        [](scenario& run) {
            const auto q = std::make_shared<queues<filled + 3>>();
            for (std::size_t i = 0; i < filled; ++i)
                q->owned.push(q->frames[i], q->shared);
            run.thread([q] {
                for (std::size_t i = filled; i < q->frames.size(); ++i)
                    q->owned.push(q->frames[i], q->shared);
                q->take(q->owned.pop());
            });
            run.thread([q] { q->take(q->owned.steal_into(q->stolen[0]).first); });
            run.at_end([q] {
                q->take_all_of(q->stolen[0]);
                q->check_all_taken();
            });
        },
        400
    );
}

// Who is outside takes from the shared queue while others push to it, alone and by the chain.
TEST(run_queue, shared_queue_keeps_all) {
    explore([](scenario& run) {
        const auto q = std::make_shared<queues<4>>();
        run.thread([q] {
            q->shared.push(q->frames[0]);
            q->shared.push(q->frames[1]);
        });
        run.thread([q] {
            q->frames[2].queue_next = &q->frames[3];
            q->shared.push_chain(q->frames[2], q->frames[3], 2);
        });
        run.thread([q] {
            for (int i = 0; i < 2; ++i) {
                promise_base* const first = q->shared.take(2);
                if (first != nullptr) q->take(first->queue_next);
                q->take(first);
            }
        });
        run.at_end([q] { q->check_all_taken(); });
    });
}

}  // namespace
