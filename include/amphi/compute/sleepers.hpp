// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/lock.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace amphi::detail {

/// Which workers of a compute pool sleep, and how many others search for work. src/compute/sleep.md
/// has the protocol and the argument why no job is left behind.
///
/// Threads: any.
class sleepers {
public:
    /// All of `count` workers count as asleep: their threads have not been started.
    explicit sleepers(std::size_t count);

    /// How many workers there are.
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// After a job was made visible and a fence: whether somebody sleeps and nobody searches. A
    /// load: it is asked at every fork.
    [[nodiscard]] bool want_wake() const noexcept {
        const std::uint32_t counts = counts_.load(std::memory_order_relaxed);
        return counts >= one_asleep && (counts & searching_mask) == 0;
    }

    /// The same, and ordered after the push that came before it without a fence.
    [[nodiscard]] bool want_wake_after_push() noexcept {
        // A read-modify-write: a sleeper's own either comes before it, and is seen, or after it,
        // and sees the push.
        const std::uint32_t counts =
            counts_.fetch_add(0, std::memory_order_seq_cst);  // sync: sleepers.counts
        return counts >= one_asleep && (counts & searching_mask) == 0;
    }

    /// The worker to wake, counted as searching from now on, or to start; none when nobody needs to
    /// be. One that is started counts as neither until its thread begins to search, so that nobody
    /// relies on a thread which may never come.
    [[nodiscard]] std::optional<std::size_t> take_one() noexcept;
    /// A worker that sleeps, by its number, whatever the counts. False when it does not.
    [[nodiscard]] bool take(std::size_t worker) noexcept;
    /// A worker whose thread could not be started.
    void give_back(std::size_t worker) noexcept;

    void begin_search() noexcept;
    /// True when it was the last one to search, and others sleep.
    [[nodiscard]] bool end_search() noexcept;

    /// A searcher enters the list. Then it looks once more, and sleeps until it is taken.
    void enter(std::size_t worker) noexcept;

private:
    // searching in the low half, asleep in the high half.
    static constexpr std::uint32_t one_searching = 1;
    static constexpr std::uint32_t searching_mask = 0xffff;
    static constexpr std::uint32_t one_asleep = 1U << 16;

    const std::size_t count_;
    /// One from the list is awake now, and searches.
    void count_as_woken() noexcept;

    // Changed under the lock where the lists change with it; searching also without.
    alignas(64) atomic<std::uint32_t> counts_{0};
    alignas(64) lock lock_;
    std::vector<std::size_t> list_ AMPHI_GUARDED_BY(lock_);
    std::vector<std::size_t> unstarted_ AMPHI_GUARDED_BY(lock_);
};

}  // namespace amphi::detail
