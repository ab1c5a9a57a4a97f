// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/export.hpp>
#include <amphi/base/intrusive_list.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/sync/wait_line.hpp>

#include <atomic>
#include <cstdint>

namespace amphi::detail {

/// The part of a mutex that does not depend on what it guards. It is handed over: whoever unlocks
/// it while others wait gives it to the first of them, so nobody can be passed by for ever.
class AMPHI_EXPORT mutex_core {
public:
    mutex_core() noexcept = default;
    mutex_core(const mutex_core&) = delete;
    mutex_core& operator=(const mutex_core&) = delete;

    [[nodiscard]] bool try_lock() noexcept {
        std::uint32_t expected = free;
        return state_.compare_exchange_strong(
            expected,
            held,
            std::memory_order_acquire,  // sync: mutex.hold
            std::memory_order_relaxed
        );
    }
    void unlock() noexcept {
        if (!try_unlock()) hand_over();
    }

    void lock_or_wait(place_in_line& place) noexcept;
    void withdraw(place_in_line& place) noexcept;

private:
    /// Unlocks it if nobody seems to wait. It is not touched afterwards: whoever locks it next may
    /// destroy it.
    [[nodiscard]] bool try_unlock() noexcept {
        std::uint32_t expected = held;
        return state_.compare_exchange_strong(
            expected,
            free,
            std::memory_order_release,  // sync: mutex.hold
            std::memory_order_relaxed
        );
    }
    void hand_over() noexcept;
    [[nodiscard]] bool hand_to_first() noexcept;

    // free, held, or contended: held while somebody may be in the line. Contended is written, and
    // replaced, under the lock alone; nobody else's exchange expects it.
    static constexpr std::uint32_t free = 0;
    static constexpr std::uint32_t held = 1;
    static constexpr std::uint32_t contended = 2;

    atomic<std::uint32_t> state_{free};
    lock lock_;
    intrusive_list<place_in_line> line_ AMPHI_GUARDED_BY(lock_);
};

}  // namespace amphi::detail
