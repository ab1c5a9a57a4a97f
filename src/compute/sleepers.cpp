// SPDX-License-Identifier: BSL-1.0
#include <amphi/compute/sleepers.hpp>

#include <amphi/base/lock.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace amphi::detail {

sleepers::sleepers(std::size_t count)
    : count_(count)
    , counts_(static_cast<std::uint32_t>(count) * one_asleep) {
    const lock_guard guard(lock_);
    // So that no list ever needs memory.
    list_.reserve(count);
    unstarted_.reserve(count);
    for (std::size_t worker = count; worker > 0; --worker)
        unstarted_.push_back(worker - 1);
}

void sleepers::count_as_woken() noexcept {
    counts_.fetch_add(
        one_searching - one_asleep, std::memory_order_seq_cst
    );  // sync: sleepers.counts
}

std::optional<std::size_t> sleepers::take_one() noexcept {
    const lock_guard guard(lock_);
    if (!want_wake()) return std::nullopt;
    std::vector<std::size_t>& from = list_.empty() ? unstarted_ : list_;
    if (list_.empty())
        counts_.fetch_sub(one_asleep, std::memory_order_seq_cst);  // sync: sleepers.counts
    else
        count_as_woken();
    const std::size_t worker = from.back();
    from.pop_back();
    return worker;
}

bool sleepers::take(std::size_t worker) noexcept {
    const lock_guard guard(lock_);
    const auto found = std::find(list_.begin(), list_.end(), worker);
    if (found == list_.end()) return false;
    list_.erase(found);
    count_as_woken();
    return true;
}

void sleepers::give_back(std::size_t worker) noexcept {
    const lock_guard guard(lock_);
    unstarted_.push_back(worker);
    counts_.fetch_add(one_asleep, std::memory_order_seq_cst);  // sync: sleepers.counts
}

void sleepers::begin_search() noexcept {
    counts_.fetch_add(one_searching, std::memory_order_seq_cst);  // sync: sleepers.counts
}

bool sleepers::end_search() noexcept {
    const std::uint32_t before =
        counts_.fetch_sub(one_searching, std::memory_order_seq_cst);  // sync: sleepers.counts
    return (before & searching_mask) == one_searching && before >= one_asleep;
}

void sleepers::enter(std::size_t worker) noexcept {
    const lock_guard guard(lock_);
    list_.push_back(worker);
    counts_.fetch_add(
        one_asleep - one_searching, std::memory_order_seq_cst
    );  // sync: sleepers.counts
}

}  // namespace amphi::detail
