// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/export.hpp>

#include <atomic>
#include <cstdint>

#if defined(__clang__)
#define AMPHI_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define AMPHI_THREAD_ANNOTATION(x)
#endif
#define AMPHI_CAPABILITY(x) AMPHI_THREAD_ANNOTATION(capability(x))
#define AMPHI_SCOPED_CAPABILITY AMPHI_THREAD_ANNOTATION(scoped_lockable)
#define AMPHI_GUARDED_BY(x) AMPHI_THREAD_ANNOTATION(guarded_by(x))
#define AMPHI_ACQUIRE(...) AMPHI_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define AMPHI_RELEASE(...) AMPHI_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define AMPHI_REQUIRES(...) AMPHI_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))

namespace amphi::detail {

/// A four-byte lock for the few instructions inside a primitive; never held across a suspension or
/// a call into user code. Built on a futex so that the interleave build drives it, and so that it
/// fits into every task. (Ulrich Drepper, "Futexes Are Tricky", mutex 3.)
///
/// Lifetime: the last access of `release` to the lock is its exchange, so whoever acquires it next
/// may destroy it.
class AMPHI_CAPABILITY("lock") lock {
public:
    lock() noexcept = default;
    lock(const lock&) = delete;
    lock& operator=(const lock&) = delete;

    void acquire() noexcept AMPHI_ACQUIRE() {
        std::uint32_t expected = free;
        if (!state_.compare_exchange_strong(
                expected,
                held,
                std::memory_order_acquire,  // sync: base.lock
                std::memory_order_relaxed
            ))
            acquire_slow();
    }

    void release() noexcept AMPHI_RELEASE() {
        if (state_.exchange(free, std::memory_order_release) == contended)  // sync: base.lock
            wake_one(&state_);
    }

private:
    // free, held, or contended: held while at least one thread may be asleep on the word.
    static constexpr std::uint32_t free = 0;
    static constexpr std::uint32_t held = 1;
    static constexpr std::uint32_t contended = 2;

    AMPHI_EXPORT void acquire_slow() noexcept;
    AMPHI_EXPORT static void wake_one(const atomic<std::uint32_t>* word) noexcept;

    atomic<std::uint32_t> state_{free};
};

/// Holds a `lock` for a block.
class AMPHI_SCOPED_CAPABILITY lock_guard {
public:
    explicit lock_guard(lock& l) noexcept AMPHI_ACQUIRE(l) : lock_(l) { lock_.acquire(); }
    ~lock_guard() AMPHI_RELEASE() { lock_.release(); }
    lock_guard(const lock_guard&) = delete;
    lock_guard& operator=(const lock_guard&) = delete;

private:
    lock& lock_;
};

}  // namespace amphi::detail
