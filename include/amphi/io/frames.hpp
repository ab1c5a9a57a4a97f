// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/task/task.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

namespace amphi {

/// How a frame tells its length, and how long it may be: without a word, in four bytes, the most
/// significant one first, and at most 8 MB. Both sides must agree.
class AMPHI_EXPORT frame_format {
public:
    static constexpr std::uint64_t default_length_max = std::uint64_t{8} * 1024 * 1024;

    frame_format() noexcept = default;

    /// In how many bytes the length is told: 1, 2, 4 or 8. Throws `std::invalid_argument`.
    frame_format& length_bytes(std::size_t count);
    [[nodiscard]] std::size_t length_bytes() const noexcept { return length_bytes_; }

    /// In which order they come: `std::endian::big`, as protocols mostly have it, or little.
    frame_format& order(std::endian first) noexcept {
        order_ = first;
        return *this;
    }
    [[nodiscard]] std::endian order() const noexcept { return order_; }

    /// The longest frame that is read or written.
    frame_format& length_max(std::uint64_t bytes) noexcept {
        length_max_ = bytes;
        return *this;
    }
    /// As was set, or what the bytes of the length can tell, if that is less.
    [[nodiscard]] std::uint64_t length_max() const noexcept;

private:
    std::size_t length_bytes_ = 4;
    std::endian order_ = std::endian::big;
    std::uint64_t length_max_ = default_length_max;
};

/// Thrown for a frame that is longer than its reader or writer accepts.
class AMPHI_EXPORT frame_too_long : public std::length_error {
public:
    frame_too_long(std::uint64_t length, std::uint64_t length_max);
    frame_too_long(const frame_too_long&) noexcept = default;
    frame_too_long& operator=(const frame_too_long&) noexcept = default;
    ~frame_too_long() override;

    [[nodiscard]] std::uint64_t length() const noexcept { return length_; }
    [[nodiscard]] std::uint64_t length_max() const noexcept { return length_max_; }

private:
    std::uint64_t length_;
    std::uint64_t length_max_;
};

namespace detail {

/// The longest length, as it stands before a frame.
using frame_header = std::array<std::byte, 8>;

/// The header of a frame. Throws `frame_too_long`.
[[nodiscard]] AMPHI_EXPORT frame_header
frame_header_of(std::uint64_t length, const frame_format& format);

/// One frame as it comes, in as many parts as it takes.
class AMPHI_EXPORT frame_buffer {
public:
    explicit frame_buffer(frame_format format) noexcept : format_(format) {}

    /// Where to read on; empty when the frame is complete. Throws `frame_too_long`, and
    /// `std::bad_alloc`: memory is taken as the bytes come, not as the length says.
    [[nodiscard]] std::span<std::byte> room();
    void filled(std::size_t count) noexcept;

    /// When it is complete: the frame; the next one begins.
    [[nodiscard]] std::vector<std::byte> take() noexcept;

    /// At the end of the stream. Throws `end_of_stream` in the middle of a frame.
    void expect_between_frames() const;

private:
    [[nodiscard]] std::uint64_t length() const noexcept;

    frame_format format_;
    frame_header header_{};
    std::size_t header_filled_ = 0;
    std::size_t filled_ = 0;  // of the frame itself
    std::vector<std::byte> bytes_;
};

}  // namespace detail

/// Reads frames: each is its length, as `frame_format` says, and so many bytes. It reads no byte
/// beyond the frame that was asked for.
///
///     frames from(connection);
///     while (auto frame = co_await from.next())
///         use(*frame);
///
/// Threads: one at a time. Lifetime: the stream outlives it.
/// Errors: `frame_too_long` names the length and the limit, and stays so: the reader cannot go on.
/// `end_of_stream` when the stream ends within a frame.
/// Cancellation: nothing is lost; `next` may be called again.
template <readable_stream Stream>
class frames {
public:
    explicit frames(Stream& from, frame_format format = frame_format()) noexcept
        : from_(from)
        , buffer_(format) {}

    /// The next frame, without its length; nothing at the end of the stream.
    task<std::optional<std::vector<std::byte>>> next() {
        for (;;) {
            const std::span<std::byte> room = buffer_.room();
            if (room.empty()) co_return buffer_.take();
            const std::size_t count = co_await from_.read_some(room);
            if (count == 0) {
                buffer_.expect_between_frames();
                co_return std::nullopt;
            }
            buffer_.filled(count);
        }
    }

private:
    Stream& from_;
    detail::frame_buffer buffer_;
};

/// Writes a frame: its length and its bytes, in one piece where that is short. Throws
/// `frame_too_long`; then nothing was written.
/// Cancellation: a part from the front may have been written.
template <writable_stream Stream>
task<>
write_frame(Stream& to, std::span<const std::byte> frame, frame_format format = frame_format()) {
    static constexpr std::size_t copied_max = std::size_t{16} * 1024;
    const detail::frame_header header = detail::frame_header_of(frame.size(), format);
    const auto length = std::span<const std::byte>(header).first(format.length_bytes());
    if (frame.size() <= copied_max) {
        std::vector<std::byte> whole;
        whole.reserve(length.size() + frame.size());
        whole.insert(whole.end(), length.begin(), length.end());
        whole.insert(whole.end(), frame.begin(), frame.end());
        co_await write_all(to, std::span<const std::byte>(whole));
    } else {
        co_await write_all(to, length);
        co_await write_all(to, frame);
    }
}

}  // namespace amphi
