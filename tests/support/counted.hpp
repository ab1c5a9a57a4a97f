// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/task/sendable.hpp>

#include <atomic>
#include <stdexcept>
#include <utility>

namespace amphi::testing {

/// A value whose living copies are counted, over all threads: a test ends with none alive. It can
/// be told to throw from a move, counted from now.
class counted {
public:
    explicit counted(int n = 0) noexcept : value(n) { alive_.fetch_add(1); }
    counted(const counted& other) : value(other.value) { enter(); }
    counted(counted&& other) : value(std::exchange(other.value, -1)) { enter(); }
    counted& operator=(const counted&) = default;
    counted& operator=(counted&&) = default;
    ~counted() { alive_.fetch_sub(1); }

    [[nodiscard]] static int alive() noexcept { return alive_.load(std::memory_order_acquire); }

    /// The `nth` copy or move from now throws; zero: none does.
    static void throw_at_move(int nth) noexcept { throw_in_.store(nth); }

    int value;

private:
    static void enter() {
        if (throw_in_.load(std::memory_order_relaxed) > 0 && throw_in_.fetch_sub(1) == 1)
            throw std::runtime_error("a move that throws");
        alive_.fetch_add(1);
    }

    inline static std::atomic<int> alive_{0};
    inline static std::atomic<int> throw_in_{0};
};

}  // namespace amphi::testing

template <>
inline constexpr bool amphi::enable_sendable<amphi::testing::counted> = true;
