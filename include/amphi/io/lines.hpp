// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace amphi {

/// Thrown for a line that is longer than its reader accepts.
class AMPHI_EXPORT line_too_long : public std::length_error {
public:
    explicit line_too_long(std::size_t length_max);
    line_too_long(const line_too_long&) noexcept = default;
    line_too_long& operator=(const line_too_long&) noexcept = default;
    ~line_too_long() override;

    [[nodiscard]] std::size_t length_max() const noexcept { return length_max_; }

private:
    std::size_t length_max_;
};

namespace detail {

/// Cuts what was read into lines.
class AMPHI_EXPORT line_buffer {
public:
    explicit line_buffer(std::size_t length_max) noexcept : length_max_(length_max) {}

    /// A line that is complete, without its end. Throws `line_too_long`.
    [[nodiscard]] std::optional<std::string> take();
    /// At the end of the stream: the last line, when nothing ended it.
    [[nodiscard]] std::optional<std::string> take_rest();

    /// Where to read on; then say how many bytes came.
    [[nodiscard]] std::span<std::byte> room();
    void filled(std::size_t count) noexcept { end_ += count; }

private:
    std::size_t length_max_;
    std::string bytes_;
    // Of bytes_: [begin_, end_) is not taken yet, [begin_, seen_) of it has no line end.
    std::size_t begin_ = 0;
    std::size_t seen_ = 0;
    std::size_t end_ = 0;
};

}  // namespace detail

/// Reads a stream line by line. A line ends with "\n" or "\r\n", which is not part of it; the last
/// one may end without. It reads ahead, so it is the only reader of its stream from now on.
///
/// Threads: one at a time. Lifetime: the stream outlives it.
/// Errors: a line longer than the limit is `line_too_long`, and stays so: the reader cannot go on.
/// Cancellation: nothing is lost; `next` may be called again.
template <readable_stream Stream>
class lines {
public:
    static constexpr std::size_t default_length_max = std::size_t{64} * 1024;

    explicit lines(Stream& from, std::size_t length_max = default_length_max) noexcept
        : from_(from)
        , buffer_(length_max) {}

    /// The next line; nothing at the end of the stream.
    task<std::optional<std::string>> next() {
        for (;;) {
            std::optional<std::string> line = buffer_.take();
            if (line) co_return line;
            const std::size_t count = co_await from_.read_some(buffer_.room());
            if (count == 0) co_return buffer_.take_rest();
            buffer_.filled(count);
        }
    }

private:
    Stream& from_;
    detail::line_buffer buffer_;
};

namespace detail {

/// A line with its end. Throws `std::invalid_argument` when it has one in it, `line_too_long`.
[[nodiscard]] AMPHI_EXPORT std::string ended_line(std::string_view line, std::size_t length_max);

}  // namespace detail

/// Writes a line and its end, "\n", in one piece.
///
/// Cancellation: a part from the front may have been written.
/// Errors: `std::invalid_argument` for a line that contains a line end, or would lose its last
/// carriage return to one, so that what is read is what was written; `line_too_long` for one that a
/// reader with this limit would refuse; nothing was written then. Else those of the stream.
template <writable_stream Stream>
task<>
write_line(Stream& to, std::string_view line, std::size_t length_max = std::size_t{64} * 1024) {
    const std::string ended = detail::ended_line(line, length_max);
    co_await write_all(to, std::as_bytes(std::span(ended)));
}

}  // namespace amphi
