// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>

#include <array>
#include <cstdint>

namespace amphi::detail {

class promise_base;
class shared_queue;

/// A worker's run queue: a bounded ring that its owner pushes to and pops from, and from whose
/// front others steal half. The shape is that of Tokio's and Go's schedulers ("Making the Tokio
/// scheduler 10x faster", 2019).
///
/// The head is two counters in one word, `real` and `steal`, steal <= real <= tail. Slots in
/// [real, tail) hold tasks nobody has taken; slots in [steal, real) belong to one thief that is
/// still copying them out. They are equal when no thief is at work.
///   owner: pops by real + 1 (and steal + 1 without a thief); pushes only while tail - steal leaves
///          room, so it never overwrites what a thief still reads.
///   thief: moves real forward by half, copies, then sets steal to the real it finds. One at a
///   time. It takes no more than fits into its own ring, which may itself have a thief at work: an
///   empty ring is not a free one.
/// Each transition is one compare-and-swap of the word, so a slot is taken exactly once. Counters
/// are 32 bits and wrap; only differences are used.
///
/// Threads: push, pop and front by the owner, steal_into by the owner of `destination`, empty by
/// any.
class local_queue {
public:
    static constexpr std::uint32_t capacity = 256;

    struct loot {
        promise_base* first = nullptr;
        std::uint32_t count = 0;
    };

    /// Puts a task at the back; when full, moves half of the queue to `overflow` with it.
    void push(promise_base& frame, shared_queue& overflow) noexcept;

    /// The task at the front, or null.
    [[nodiscard]] promise_base* pop() noexcept;

    /// The task at the front, which others may take and end meanwhile: an address, no more. Null
    /// when there is none.
    [[nodiscard]] const promise_base* front() const noexcept;

    /// Moves half of the tasks, or as many as there is room for, to `destination`, which is empty,
    /// and returns one of them at once, which is counted too; null when there is nothing to take or
    /// another thief is at work.
    [[nodiscard]] loot steal_into(local_queue& destination) noexcept;

    [[nodiscard]] bool empty() const noexcept;

private:
    class head_word {
    public:
        constexpr head_word(std::uint32_t steal, std::uint32_t real) noexcept
            : word_(std::uint64_t{steal} << 32 | real) {}
        explicit constexpr head_word(std::uint64_t word) noexcept : word_(word) {}
        [[nodiscard]] std::uint32_t steal() const noexcept {
            return static_cast<std::uint32_t>(word_ >> 32);
        }
        [[nodiscard]] std::uint32_t real() const noexcept {
            return static_cast<std::uint32_t>(word_);
        }
        [[nodiscard]] bool thief_at_work() const noexcept { return steal() != real(); }
        [[nodiscard]] std::uint64_t word() const noexcept { return word_; }

    private:
        std::uint64_t word_;
    };

    // relaxed everywhere: the counters order what is in the slots.
    [[nodiscard]] atomic<promise_base*>& slot(std::uint32_t index) noexcept {
        return slots_[index % capacity];
    }
    [[nodiscard]] bool move_half_to(
        shared_queue& overflow, promise_base& frame, head_word head, std::uint32_t tail
    ) noexcept;

    atomic<std::uint64_t> head_{0};
    // Written by the owner only.
    atomic<std::uint32_t> tail_{0};
    std::array<atomic<promise_base*>, capacity> slots_{};
};

}  // namespace amphi::detail
