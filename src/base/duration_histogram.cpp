// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/duration_histogram.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace amphi {

namespace {

// Of a number, its highest bit and the two below it say the bucket: 4 to 7 are 100 to 111 in
// binary.
constexpr int bits_kept = 3;
constexpr std::size_t in_octave = 4;

}  // namespace

std::size_t duration_histogram::bucket_of(std::chrono::nanoseconds d) noexcept {
    if (d.count() < 0) return 0;
    const auto value = static_cast<std::uint64_t>(d.count());
    if (value < in_octave) return static_cast<std::size_t>(value);
    const int shift = static_cast<int>(std::bit_width(value)) - bits_kept;
    const std::size_t bucket =
        in_octave * static_cast<std::size_t>(shift) + static_cast<std::size_t>(value >> shift);
    return std::min(bucket, bucket_count - 1);
}

std::chrono::nanoseconds duration_histogram::end_of(std::size_t bucket) noexcept {
    if (bucket < in_octave) return std::chrono::nanoseconds(bucket + 1);
    const std::size_t shift = bucket / in_octave - 1;
    const std::uint64_t kept = bucket % in_octave + in_octave;
    return std::chrono::nanoseconds((kept + 1) << shift);
}

duration_histogram& duration_histogram::operator+=(const duration_histogram& other) noexcept {
    for (std::size_t bucket = 0; bucket < bucket_count; ++bucket)
        counts_[bucket] += other.counts_[bucket];
    return *this;
}

std::uint64_t duration_histogram::count() const noexcept {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::chrono::nanoseconds duration_histogram::quantile(double q) const noexcept {
    const std::uint64_t all = count();
    if (all == 0) return {};
    const double share = q > 0 ? std::min(q, 1.0) : 0.0;  // Also of what is no number.
    const double wanted = std::ceil(share * static_cast<double>(all));
    const std::uint64_t rank = std::max<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1);
    std::uint64_t seen = 0;
    std::size_t bucket = 0;
    while ((seen += counts_[bucket]) < rank)
        ++bucket;
    return end_of(bucket) - std::chrono::nanoseconds(1);
}

}  // namespace amphi
