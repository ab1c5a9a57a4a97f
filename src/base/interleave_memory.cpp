// SPDX-License-Identifier: BSL-1.0
#include "interleave_memory.hpp"

#include <amphi/base/interleave.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace amphi::detail::interleave {

namespace {

constexpr std::size_t stores_kept = 8;
constexpr std::size_t granule_bytes = 8;

bool acquires(std::memory_order order) noexcept {
    return order == std::memory_order_acquire || order == std::memory_order_acq_rel ||
           order == std::memory_order_seq_cst;
}

bool releases(std::memory_order order) noexcept {
    return order == std::memory_order_release || order == std::memory_order_acq_rel ||
           order == std::memory_order_seq_cst;
}

}  // namespace

std::uint64_t random_source::next() noexcept {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

void vector_clock::learn(const vector_clock& other) noexcept {
    for (std::size_t i = 0; i < threads_max; ++i)
        at_[i] = std::max(at_[i], other.at_[i]);
}

memory::memory(random_source& random, bool weak) : random_(random), weak_(weak) {
    for (std::size_t i = 0; i < threads_max; ++i)
        clocks_[i][i] = 1;
}

memory::history& memory::history_of(const void* cell, std::size_t bytes) {
    history& stores = cells_[cell];
    if (stores.empty()) {
        // What the constructor has put there. Whoever may use the cell knows of it.
        std::memcpy(&stores.emplace_back().value, cell, bytes);
    }
    return stores;
}

std::size_t memory::oldest_visible(std::size_t thread, const history& stores) noexcept {
    if (!weak_) return stores.size() - 1;
    for (std::size_t i = stores.size() - 1; i > 0; --i) {
        vector_clock seen = stores[i].seen;
        for (std::size_t by = 0; by < threads_max; ++by)
            if (seen[by] != 0 && clocks_[thread].knows(by, seen[by])) return i;
    }
    return 0;
}

void memory::begin(
    std::size_t thread, const void* cell, std::size_t bytes, std::memory_order order
) {
    plain(thread, cell, bytes, access_kind::atomic, nullptr);
    if (order == std::memory_order_seq_cst) clocks_[thread].learn(consistent_);
}

word memory::see(std::size_t thread, stored& s, std::memory_order order) {
    vector_clock& clock = clocks_[thread];
    if (s.seen[thread] == 0) s.seen[thread] = clock[thread];
    if (acquires(order)) clock.learn(s.published);
    ++clock[thread];
    return s.value;
}

void memory::append(std::size_t thread, history& stores, stored s, std::memory_order order) {
    vector_clock& clock = clocks_[thread];
    s.seen[thread] = clock[thread];
    if (releases(order)) s.published.learn(clock);
    if (order == std::memory_order_seq_cst) consistent_.learn(clock);
    if (stores.size() == stores_kept) stores.erase(stores.begin());
    stores.push_back(s);
    ++clock[thread];
}

word memory::load(
    std::size_t thread, const void* cell, std::size_t bytes, std::memory_order order
) {
    begin(thread, cell, bytes, order);
    history& stores = history_of(cell, bytes);
    const std::size_t oldest = oldest_visible(thread, stores);
    std::size_t chosen = stores.size() - 1;
    if (oldest < chosen && random_.one_in(2))
        chosen = oldest + random_.below(stores.size() - oldest);
    return see(thread, stores[chosen], order);
}

word memory::load_oldest(std::size_t thread, const void* cell, std::size_t bytes) {
    begin(thread, cell, bytes, std::memory_order_relaxed);
    return history_of(cell, bytes).front().value;
}

word memory::load_other_than(
    std::size_t thread, const void* cell, std::size_t bytes, word unwanted, std::memory_order order
) {
    begin(thread, cell, bytes, order);
    history& stores = history_of(cell, bytes);
    const std::size_t oldest = oldest_visible(thread, stores);
    std::size_t chosen = oldest + random_.below(stores.size() - oldest);
    if (stores[chosen].value == unwanted) chosen = stores.size() - 1;
    return see(thread, stores[chosen], order);
}

void memory::store(
    std::size_t thread, void* cell, std::size_t bytes, word value, std::memory_order order
) {
    begin(thread, cell, bytes, order);
    append(thread, history_of(cell, bytes), {value, {}, {}}, order);
    std::memcpy(cell, &value, bytes);
}

word memory::newest(const void* cell, std::size_t bytes) {
    return history_of(cell, bytes).back().value;
}

word memory::modify(
    std::size_t thread, void* cell, std::size_t bytes, word value, std::memory_order order
) {
    begin(thread, cell, bytes, order);
    history& stores = history_of(cell, bytes);
    const word before = stores.back().value;
    if (acquires(order)) clocks_[thread].learn(stores.back().published);
    // It continues the release sequence of the store before it.
    append(thread, stores, {value, stores.back().published, {}}, order);
    std::memcpy(cell, &value, bytes);
    return before;
}

void memory::plain(
    std::size_t thread, const void* first, std::size_t bytes, access_kind kind, const void* code
) {
    std::uintptr_t address = reinterpret_cast<std::uintptr_t>(first);
    const std::uintptr_t end = address + bytes;
    while (address < end) {
        const std::uintptr_t offset = address % granule_bytes;
        const std::uintptr_t count = std::min(granule_bytes - offset, end - address);
        const auto mask = static_cast<std::uint8_t>(((1U << count) - 1) << offset);
        check_granule(
            address / granule_bytes,
            {mask, kind, static_cast<std::uint8_t>(thread), clocks_[thread][thread], code}
        );
        address += count;
    }
}

void memory::check_granule(std::uintptr_t number, const trace_of_access& made) {
    granule& earlier = plain_[number];
    for (const trace_of_access& e : earlier) {
        const bool conflict = (e.bytes_mask & made.bytes_mask) != 0 && e.thread != made.thread &&
                              (e.kind == access_kind::write || made.kind == access_kind::write);
        if (!conflict || race_ || clocks_[made.thread].knows(e.thread, e.when)) continue;
        race_ = {made.thread, e.thread, made.kind, e.kind, made.code, e.code};
    }
    // What this access replaces: an earlier one of the same thread that conflicts with no more.
    std::erase_if(earlier, [&](const trace_of_access& e) {
        return e.thread == made.thread && (e.bytes_mask & ~made.bytes_mask) == 0 &&
               (e.kind == made.kind || made.kind == access_kind::write);
    });
    earlier.push_back(made);
}

void memory::forget_plain(const void* first, std::size_t bytes) {
    const auto address = reinterpret_cast<std::uintptr_t>(first);
    for (std::uintptr_t i = address / granule_bytes; i * granule_bytes < address + bytes; ++i)
        plain_.erase(i);
}

std::optional<memory::race> memory::take_race() noexcept {
    return std::exchange(race_, std::nullopt);
}

}  // namespace amphi::detail::interleave
