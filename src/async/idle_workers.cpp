// SPDX-License-Identifier: BSL-1.0
#include "idle_workers.hpp"

#include <amphi/base/asymmetric_fence.hpp>
#include <amphi/base/lock.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace amphi::detail {

idle_workers::idle_workers(std::size_t count) : count_(static_cast<std::uint32_t>(count)) {
    const lock_guard guard(lock_);
    for (std::size_t worker = count; worker > 0; --worker)
        sleepers_.push_back(worker - 1);
}

bool idle_workers::nobody_to_wake() noexcept {
    // Of this fence and the one of who ceases to search or goes to sleep one comes first: either we
    // see that in the counts, or it, which looks once more, sees the push that came before. Not a
    // read-modify-write of the counts: their line would go from worker to worker with each push.
    full_fence();
    const std::uint32_t counts = counts_.load(std::memory_order_relaxed);
    return searching(counts) > 0 || awake(counts) == count_;
}

std::optional<std::size_t> idle_workers::worker_to_wake() noexcept {
    if (nobody_to_wake()) return std::nullopt;
    const lock_guard guard(lock_);
    if (nobody_to_wake() || sleepers_.empty()) return std::nullopt;
    const std::size_t worker = sleepers_.back();
    sleepers_.pop_back();
    counts_.fetch_add(one_awake + one_searching, std::memory_order_seq_cst);  // sync: idle.counts
    return worker;
}

void idle_workers::give_back(std::size_t worker) noexcept {
    const lock_guard guard(lock_);
    sleepers_.insert(sleepers_.begin(), worker);
    counts_.fetch_sub(one_awake + one_searching, std::memory_order_seq_cst);  // sync: idle.counts
}

bool idle_workers::begin_search() noexcept {
    // relaxed: a limit of effort, not of correctness.
    const std::uint32_t counts = counts_.load(std::memory_order_relaxed);
    if (2 * searching(counts) >= count_) return false;
    counts_.fetch_add(one_searching, std::memory_order_seq_cst);  // sync: idle.counts
    return true;
}

bool idle_workers::end_search() noexcept {
    const std::uint32_t before =
        counts_.fetch_sub(one_searching, std::memory_order_seq_cst);  // sync: idle.counts
    if (searching(before) != 1) return false;
    full_fence();
    return true;
}

bool idle_workers::go_to_sleep(std::size_t worker, bool was_searching) noexcept {
    const lock_guard guard(lock_);
    const std::uint32_t before = counts_.fetch_sub(
        one_awake + (was_searching ? one_searching : 0),
        std::memory_order_seq_cst  // sync: idle.counts
    );
    sleepers_.push_back(worker);
    full_fence();
    // Also who was refused the search, and is the first to sleep: the searchers for whose sake it
    // was refused may have ended since, and have looked before a push whose author saw all awake.
    if (!was_searching) return searching(before) == 0 && awake(before) == count_;
    return searching(before) == 1;
}

bool idle_workers::woke_up(std::size_t worker) noexcept {
    const lock_guard guard(lock_);
    const auto found = std::find(sleepers_.begin(), sleepers_.end(), worker);
    if (found == sleepers_.end()) return true;
    sleepers_.erase(found);
    counts_.fetch_add(one_awake, std::memory_order_seq_cst);  // sync: idle.counts
    return false;
}

}  // namespace amphi::detail
