// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>

#include <atomic>
#include <cstdint>

namespace amphi::detail {

/// A number that one thread counts and others read: no read-modify-write, so it costs what a plain
/// one does. relaxed in all uses: statistics only.
class own_counter {
public:
    void add(std::uint64_t more = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }
    void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t get() const noexcept {
        return value_.load(std::memory_order_relaxed);
    }

private:
    atomic<std::uint64_t> value_{0};
};

}  // namespace amphi::detail
