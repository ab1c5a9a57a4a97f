// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/export.hpp>

#include <atomic>
#include <cstdint>

namespace amphi::detail {

/// From now on `act` is called in the child of each fork(2), on its only thread.
AMPHI_EXPORT void call_after_fork(void (*act)());

/// How many forks lie between this process and the one that asked first: what was made under
/// another number has lost its threads.
[[nodiscard]] AMPHI_EXPORT std::uint32_t fork_generation();

/// One object for the program, made by `make` at the first use and never destroyed, since threads
/// may be in it when the program ends. A fork gets a new one: its parent's has threads, and locks
/// that they hold, that are not there.
template <class T, T* (*make)()>
[[nodiscard]] T& one_per_process() {
    // null until the first use, and again in a fork; then the object.
    static constinit atomic<T*> shared{nullptr};
    if (T* const made = shared.load(std::memory_order_acquire))  // sync: fork.shared
        return *made;
    [[maybe_unused]] static const bool forgets = [] {
        call_after_fork([] {
            // Kept, so that a leak checker finds what it refers to.
            [[maybe_unused]] static const T* volatile left_behind = nullptr;
            left_behind = shared.exchange(nullptr, std::memory_order_relaxed);
        });
        return true;
    }();
    T* const fresh = make();
    T* before = nullptr;
    if (shared.compare_exchange_strong(
            before,
            fresh,
            std::memory_order_acq_rel,  // sync: fork.shared
            std::memory_order_acquire   // sync: fork.shared
        ))
        return *fresh;
    delete fresh;
    return *before;
}

}  // namespace amphi::detail
