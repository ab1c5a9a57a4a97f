// SPDX-License-Identifier: BSL-1.0
// Pipelines of random shape that end, fail, are left or are cancelled at random moments: every item
// that was made has gone afterwards, and nothing hangs.
#include <amphi/base/clock.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/stream/buffer_unordered.hpp>
#include <amphi/stream/buffered.hpp>
#include <amphi/stream/chunks_timeout.hpp>
#include <amphi/stream/filter.hpp>
#include <amphi/stream/map.hpp>
#include <amphi/stream/merge.hpp>
#include <amphi/stream/stream.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>

#include "support/counted.hpp"
#include "support/lives.hpp"
#include "support/seed.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace amphi {
namespace {

using namespace std::chrono_literals;
using testing::counted;
using counted_pointer = std::unique_ptr<counted>;

class stream_stress : public testing::each_life {};
INSTANTIATE_TEST_SUITE_P(lives, stream_stress, testing::all_lives(), testing::name_of_life);

using generator = std::mt19937_64;

stream<counted_pointer> source(std::uint64_t seed) {
    generator random(seed);
    const auto count = random() % 40;
    for (std::uint64_t n = 0; n < count; ++n) {
        const counted held(1);
        if (random() % 3 == 0) co_await yield();
        if (random() % 20 == 0) co_await sleep_for(std::chrono::microseconds(random() % 200));
        co_yield std::make_unique<counted>(static_cast<int>(n));
    }
    if (random() % 4 == 0) throw std::runtime_error("source");
}

task<counted_pointer> work(counted_pointer item) {
    if (item->value % 3 == 0) co_await yield();
    if (item->value % 7 == 0) co_await sleep_for(50us);
    if (item->value == 31) throw std::runtime_error("work");
    co_return item;
}

stream<counted_pointer> pipeline(task_scope& jobs, generator& random) {
    std::vector<stream<counted_pointer>> sources;
    for (auto count = random() % 3 + 1; count > 0; --count)
        sources.push_back(source(random()));
    auto items = merge(jobs, std::move(sources));
    switch (random() % 4) {
    case 0:
        return std::move(items) | buffered(jobs, random() % 5 + 1, work);
    case 1:
        return std::move(items) | buffer_unordered(jobs, random() % 5 + 1, work);
    case 2:
        return std::move(items) | map(work);
    default:
        return std::move(items) |
               filter([](const counted_pointer& c) { return c->value % 2 == 0; });
    }
}

task<> consume(task_scope& jobs, std::uint64_t seed) {
    generator random(seed);
    auto left = random() % 60;
    auto items = pipeline(jobs, random);
    if (random() % 2 == 0) {
        auto chunks = std::move(items) | chunks_timeout(jobs, random() % 4 + 1, 100us);
        for (; left > 0; --left) {
            const auto chunk = co_await chunks.next();
            if (!chunk) break;
        }
    } else {
        for (; left > 0; --left) {
            const std::optional<counted_pointer> item = co_await items.next();
            if (!item) break;
        }
    }
}

task<> one_round(std::uint64_t seed) {
    generator random(seed);
    const auto patience =
        std::chrono::microseconds(random() % 4 == 0 ? random() % 2000 : 1'000'000);
    try {
        co_await timeout(
            patience,
            [](std::uint64_t inner) -> task<> { co_await scope(consume, inner); },
            random()
        );
    } catch (const std::runtime_error&) {  // NOLINT(bugprone-empty-catch): sources may fail
    } catch (const timed_out&) {           // NOLINT(bugprone-empty-catch): or be cut short
    }
}

task<> rounds(std::uint64_t seed, time_point until) {
    generator random(seed);
    for (int round = 0; round < 3000 && clock::now() < until; ++round) {
        co_await one_round(random());
        EXPECT_EQ(counted::alive(), 0) << "in round " << round;
        if (counted::alive() != 0) co_return;
    }
}

TEST_P(stream_stress, pipelines_leave_nothing_behind) {
    const testing::seeded seeded;
    run(rounds, seeded.seed(), clock::now() + 1s);
}

}  // namespace
}  // namespace amphi
