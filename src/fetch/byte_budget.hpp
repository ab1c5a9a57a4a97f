// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/base/lock.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <cstdint>

namespace amphi::fetch {

/// How many bytes may come in a second, all downloads together. Who wants some gets a time of its
/// own, in the order of coming, so all get the same.
///
/// Threads: any.
class byte_budget {
public:
    /// Zero: no limit.
    explicit byte_budget(std::uint64_t per_second) noexcept : per_second_(per_second) {}

    [[nodiscard]] bool is_limited() const noexcept { return per_second_ != 0; }

    /// Pays for so many bytes. Yields when they may be taken.
    [[nodiscard]] time_point pay(std::size_t bytes, time_point now) noexcept;

private:
    const std::uint64_t per_second_;
    amphi::detail::lock lock_;
    time_point free_at_ AMPHI_GUARDED_BY(lock_){};
};

/// The part of one download in it.
///
/// Threads: one at a time.
class byte_share {
public:
    explicit byte_share(byte_budget& of) noexcept : of_(of) {}

    /// Whether a piece may be taken now; if not, `wait` before it is offered again.
    [[nodiscard]] bool may_take(std::size_t bytes) noexcept;

    /// Cancellation: ends at once; what was paid is lost.
    [[nodiscard]] task<> wait();

private:
    byte_budget& of_;
    std::size_t paid_ = 0;
    time_point from_{};
};

}  // namespace amphi::fetch
