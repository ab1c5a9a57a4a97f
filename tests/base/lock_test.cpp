// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/lock.hpp>

#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace {

using amphi::detail::lock;
using amphi::detail::lock_guard;

TEST(lock, fits_into_four_bytes) {
    EXPECT_EQ(sizeof(lock), 4U);
}

TEST(lock, excludes) {
    constexpr int threads = 4;
    constexpr int rounds = 50'000;
    lock guarded;
    long count = 0;
    {
        std::vector<std::jthread> all;
        for (int t = 0; t < threads; ++t)
            all.emplace_back([&] {
                for (int i = 0; i < rounds; ++i) {
                    const lock_guard guard(guarded);
                    ++count;
                }
            });
    }
    EXPECT_EQ(count, long{threads} * rounds);
}

// The promise that scope and waiter stand on: whoever gets the lock after a release may destroy it.
TEST(lock, may_be_destroyed_by_the_next_who_holds_it) {
    struct shared {
        lock guard;
        bool left = false;
    };
    for (int round = 0; round < 2'000; ++round) {
        auto owned = std::make_unique<shared>();
        shared* const seen = owned.get();
        std::jthread other([seen] {
            const lock_guard guard(seen->guard);
            seen->left = true;
        });
        for (bool left = false; !left; std::this_thread::yield()) {
            const lock_guard guard(owned->guard);
            left = owned->left;
        }
        owned.reset();
    }
}

}  // namespace
