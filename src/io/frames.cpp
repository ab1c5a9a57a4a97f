// SPDX-License-Identifier: BSL-1.0
#include <amphi/io/frames.hpp>

#include <amphi/io/stream.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace amphi {

frame_format& frame_format::length_bytes(std::size_t count) {
    if (count > 8 || !std::has_single_bit(count))
        throw std::invalid_argument(
            "the length of a frame is told in 1, 2, 4 or 8 bytes, not in " + std::to_string(count)
        );
    length_bytes_ = count;
    return *this;
}

std::uint64_t frame_format::length_max() const noexcept {
    const std::uint64_t told_max = ~std::uint64_t{0} >> (64 - 8 * length_bytes_);
    return std::min(length_max_, told_max);
}

frame_too_long::frame_too_long(std::uint64_t length, std::uint64_t length_max)
    : std::length_error(
          "a frame of " + std::to_string(length) + " bytes is longer than the limit of " +
          std::to_string(length_max) + " bytes"
      )
    , length_(length)
    , length_max_(length_max) {}

frame_too_long::~frame_too_long() = default;

namespace detail {

namespace {

// What is taken at once for a frame that may never come whole.
constexpr std::size_t chunk = std::size_t{64} * 1024;

// Of the length's bytes, the one at `index` counts from this bit on.
int shift_of(std::size_t index, const frame_format& format) noexcept {
    const std::size_t significance =
        format.order() == std::endian::little ? index : format.length_bytes() - 1 - index;
    return static_cast<int>(8 * significance);
}

}  // namespace

frame_header frame_header_of(std::uint64_t length, const frame_format& format) {
    if (length > format.length_max()) throw frame_too_long(length, format.length_max());
    frame_header header{};
    for (std::size_t index = 0; index < format.length_bytes(); ++index)
        header[index] = static_cast<std::byte>(length >> shift_of(index, format));
    return header;
}

std::uint64_t frame_buffer::length() const noexcept {
    std::uint64_t length = 0;
    for (std::size_t index = 0; index < format_.length_bytes(); ++index)
        length |= std::to_integer<std::uint64_t>(header_[index]) << shift_of(index, format_);
    return length;
}

std::span<std::byte> frame_buffer::room() {
    if (header_filled_ < format_.length_bytes())
        return std::span(header_).subspan(header_filled_, format_.length_bytes() - header_filled_);
    const std::uint64_t whole = length();
    if (whole > format_.length_max()) throw frame_too_long(whole, format_.length_max());
    const std::size_t left = static_cast<std::size_t>(whole) - filled_;
    if (bytes_.size() == filled_) bytes_.resize(filled_ + std::min(left, std::max(chunk, filled_)));
    return std::span(bytes_).subspan(filled_);
}

void frame_buffer::filled(std::size_t count) noexcept {
    (header_filled_ < format_.length_bytes() ? header_filled_ : filled_) += count;
}

std::vector<std::byte> frame_buffer::take() noexcept {
    header_filled_ = 0;
    filled_ = 0;
    return std::exchange(bytes_, {});
}

void frame_buffer::expect_between_frames() const {
    if (header_filled_ == 0) return;
    if (header_filled_ < format_.length_bytes())
        throw end_of_stream(header_filled_, format_.length_bytes());
    throw end_of_stream(filled_, static_cast<std::size_t>(length()));
}

}  // namespace detail
}  // namespace amphi
