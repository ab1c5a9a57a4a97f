// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/lock.hpp>

#include <amphi/base/futex.hpp>

namespace amphi::detail {

void lock::acquire_slow() noexcept {
    // The sections are a few dozen instructions: a short spin usually outlasts them.
    static constexpr int spin_rounds_max = 64;
    for (int round = 0; round < spin_rounds_max; ++round) {
        std::uint32_t expected = free;
        // relaxed on failure: nothing was read that the lock protects.
        if (state_.compare_exchange_weak(
                expected,
                held,
                std::memory_order_acquire,  // sync: base.lock
                std::memory_order_relaxed
            ))
            return;
        if (expected == contended) break;
        __builtin_ia32_pause();
    }
    while (state_.exchange(contended, std::memory_order_acquire) != free)  // sync: base.lock
        futex_wait(state_, contended);
}

void lock::wake_one(const atomic<std::uint32_t>* word) noexcept {
    futex_wake(word, 1);
}

}  // namespace amphi::detail
