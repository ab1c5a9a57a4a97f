// SPDX-License-Identifier: BSL-1.0
// The hard case of awaiting in place: a chain of tasks is finished, and freed, by another worker
// while the first one still stands in the leaf's await_suspend with the chain's frames below it on
// its native stack. The first may touch nothing of them any more; the sanitizers watch.
#include <amphi/async/runtime.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/task/operation.hpp>

#include "support/borrowed.hpp"
#include "support/build.hpp"
#include "support/seed.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace amphi;
using amphi::testing::borrowed;

constexpr int rounds = amphi::testing::sanitized ? 2'000 : 15'000;

/// Threads of nobody's that complete whatever is handed to them, a random moment later.
class completers {
public:
    explicit completers(std::uint64_t seed) {
        for (std::size_t i = 0; i < 2; ++i)
            threads_.emplace_back([this, seed, i] { serve(seed + i); });
    }
    ~completers() { over_.store(true); }
    completers(const completers&) = delete;
    completers& operator=(const completers&) = delete;

    class hand_over_operation : public detail::operation<hand_over_operation> {
    public:
        explicit hand_over_operation(completers& to) noexcept : to_(to) {}
        [[nodiscard]] bool poll() const noexcept { return false; }
        void publish(detail::ticket t) {
            const detail::lock_guard guard(to_.lock_);
            to_.handed_.push_back(t);
        }
        void withdraw() noexcept {
            // As every source: whoever claimed is through with the ticket.
            const detail::lock_guard guard(to_.lock_);
        }
        void result() const noexcept {}

    private:
        completers& to_;
    };

    [[nodiscard]] hand_over_operation hand_over() noexcept { return hand_over_operation(*this); }

private:
    void serve(std::uint64_t seed) {
        std::mt19937_64 random(seed);
        while (!over_.load()) {
            for (std::uint64_t moment = random() % 64; moment > 0; --moment)
                (void)over_.load(std::memory_order_relaxed);
            detail::ticket taken;
            bool must_wake = false;
            {
                const detail::lock_guard guard(lock_);
                if (!handed_.empty()) {
                    taken = handed_.back();
                    handed_.pop_back();
                    must_wake = taken.claim() == detail::claim_result::must_wake;
                }
            }
            if (must_wake) taken.wake();
            if (!taken) std::this_thread::yield();
        }
    }

    detail::lock lock_;
    std::vector<detail::ticket> handed_;
    std::atomic<bool> over_{false};
    std::vector<std::jthread> threads_;
};

task<int> chain(completers& others, int length) {
    const auto owned = std::make_unique<int>(length);
    if (length == 0) {
        auto leaf = others.hand_over();
        co_await leaf;
        co_return *owned;
    }
    const int below = co_await chain(others, length - 1);
    co_return below + 1;
}

task<> failing_chain(completers& others, int length) {
    if (length == 0) {
        auto leaf = others.hand_over();
        co_await leaf;
        throw std::runtime_error("the leaf");
    }
    co_await failing_chain(others, length - 1);
}

task<> run_chains(borrowed<completers> others) {
    for (int round = 0; round < rounds; ++round) {
        const int length = round % 7;
        const int found = co_await chain(*others, length);
        EXPECT_EQ(found, length);
        bool failed = false;
        try {
            co_await failing_chain(*others, length);
        } catch (const std::runtime_error&) {
            failed = true;
        }
        EXPECT_TRUE(failed);
    }
}

class hand_over : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(workers, hand_over, ::testing::Values(1U, 2U, 4U));

TEST_P(hand_over, leaves_the_first_workers_stack_alone) {
    const amphi::testing::seeded random;
    completers others(random.seed());
    runtime own(runtime_options().workers(GetParam()));
    own.run(
        [](borrowed<completers> from) -> task<> {
            co_await scope(
                [](task_scope& jobs, completers& all) -> task<> {
                    for (int i = 0; i < 3; ++i)
                        (void)co_await jobs.spawn(run_chains, all);
                },
                *from
            );
        },
        others
    );
}

}  // namespace
