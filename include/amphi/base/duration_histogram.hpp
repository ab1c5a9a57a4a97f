// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace amphi {

/// How many of a number of durations were how long, in buckets of which four make an octave: what
/// it says of a duration is at most 25 % too much. The idea is HdrHistogram's (Gil Tene).
///
/// Threads: as a standard container.
class AMPHI_EXPORT duration_histogram {
public:
    static constexpr std::size_t bucket_count = 156;

    /// The bucket of a duration. Below zero: the first; above some 16 minutes: the last.
    [[nodiscard]] static std::size_t bucket_of(std::chrono::nanoseconds d) noexcept;
    /// What all durations of a bucket, the last one apart, are shorter than.
    [[nodiscard]] static std::chrono::nanoseconds end_of(std::size_t bucket) noexcept;

    void add(std::chrono::nanoseconds d) noexcept { add_to(bucket_of(d), 1); }
    void add_to(std::size_t bucket, std::uint64_t count) noexcept { counts_[bucket] += count; }
    duration_histogram& operator+=(const duration_histogram& other) noexcept;

    /// How many were added.
    [[nodiscard]] std::uint64_t count() const noexcept;
    /// What at least the share `q` (0 to 1) of them do not exceed: 0.5 is the median. Zero when
    /// there are none. Of durations above some 18 minutes it says 18 minutes.
    [[nodiscard]] std::chrono::nanoseconds quantile(double q) const noexcept;
    /// How many are in each bucket.
    [[nodiscard]] std::span<const std::uint64_t, bucket_count> counts() const noexcept {
        return counts_;
    }

private:
    std::array<std::uint64_t, bucket_count> counts_{};
};

}  // namespace amphi
