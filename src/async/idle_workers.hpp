// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/lock.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace amphi::detail {

/// Which workers sleep, how many are awake, and how many of those are searching for work. sleep.md
/// has the protocol and the argument why no task is left behind.
///
/// Threads: any.
class idle_workers {
public:
    /// All of `count` workers sleep, not yet started ones included.
    explicit idle_workers(std::size_t count);

    /// After work was made visible: the worker to wake for it, counted as awake and searching; none
    /// when somebody is searching already, or nobody sleeps.
    [[nodiscard]] std::optional<std::size_t> worker_to_wake() noexcept;

    /// A worker that could not be woken (its thread could not be started).
    void give_back(std::size_t worker) noexcept;

    /// An awake worker without work asks to search; refused when half of the awake ones do.
    [[nodiscard]] bool begin_search() noexcept;
    /// True when it was the last one to search: then it must wake another if it has found work.
    [[nodiscard]] bool end_search() noexcept;

    /// True when the sleeper was the last one to search, or all were awake and none searched: then
    /// it must look once more.
    [[nodiscard]] bool go_to_sleep(std::size_t worker, bool was_searching) noexcept;
    /// A sleeper is awake again. True when somebody woke it: then it is counted, as searching. One
    /// that woke by itself (I/O, a timer) is counted as awake only.
    [[nodiscard]] bool woke_up(std::size_t worker) noexcept;

private:
    // searching count in the low half, awake count in the high half.
    static constexpr std::uint32_t one_searching = 1;
    static constexpr std::uint32_t one_awake = 1U << 16;
    [[nodiscard]] static std::uint32_t searching(std::uint32_t word) noexcept {
        return word & 0xffffU;
    }
    [[nodiscard]] static std::uint32_t awake(std::uint32_t word) noexcept { return word >> 16; }

    [[nodiscard]] bool nobody_to_wake() noexcept;

    const std::uint32_t count_;
    // Changed under the lock where sleepers change with it; searching also without.
    atomic<std::uint32_t> counts_{0};
    lock lock_;
    std::vector<std::size_t> sleepers_ AMPHI_GUARDED_BY(lock_);
};

}  // namespace amphi::detail
