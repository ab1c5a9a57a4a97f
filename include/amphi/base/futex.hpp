// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/atomic.hpp>
#include <amphi/base/clock.hpp>
#include <amphi/base/export.hpp>

#include <cstdint>

namespace amphi::detail {

/// Blocks this thread while `word` holds `expected`, at most until `deadline`. May return early
/// without reason, as futex(2) does: callers loop. Returns false when the deadline has passed.
AMPHI_EXPORT bool futex_wait(
    const atomic<std::uint32_t>& word, std::uint32_t expected, time_point deadline = never
) noexcept;

/// Wakes at most `count` threads that wait on `word`. Only the address is used: `word` may already
/// be gone, then at worst an unrelated waiter looks at its own word once more.
AMPHI_EXPORT void futex_wake(const atomic<std::uint32_t>* word, int count) noexcept;

}  // namespace amphi::detail
