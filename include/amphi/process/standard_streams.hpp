// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace amphi {

namespace detail {
class standard_stream;
}  // namespace detail

// The three streams that a process inherits. Others hold them too, the shell before all, so their
// flags stay as they are: a pipe or a terminal is opened anew, non-blocking for this process alone;
// a socket is asked call by call; a regular file is read and written on a plain thread. No thread
// ever sits in a read that nothing ends, so the process ends when its tasks have.

/// What standard input is read by. Nothing is buffered: two of them share what comes.
///
/// Threads: one at a time. Move-only, sendable.
/// Cancellation: a read that is cut short has taken nothing; from a regular file it ends first.
/// Lifetime: no read may be in flight when it is destroyed.
/// Errors: `std::system_error`; EBADF when the process was started without that stream.
class AMPHI_EXPORT standard_reader {
public:
    standard_reader(standard_reader&& other) noexcept;
    standard_reader& operator=(standard_reader&& other) noexcept;
    ~standard_reader();

    /// Waits for bytes. Zero is the end, or an empty buffer.
    [[nodiscard]] task<std::size_t> read_some(std::span<std::byte> into);

private:
    friend standard_reader standard_input();
    explicit standard_reader(std::unique_ptr<detail::standard_stream> stream) noexcept;

    std::unique_ptr<detail::standard_stream> stream_;
};

/// What standard output and standard error are written by. Nothing is buffered, and nothing that
/// the C library or C++'s streams have buffered is waited for.
///
/// Threads, cancellation, lifetime, errors: as `standard_reader`; EPIPE, and no SIGPIPE, when
/// nobody reads any more.
class AMPHI_EXPORT standard_writer {
public:
    standard_writer(standard_writer&& other) noexcept;
    standard_writer& operator=(standard_writer&& other) noexcept;
    ~standard_writer();

    /// Waits until bytes are taken from the front and says how many.
    [[nodiscard]] task<std::size_t> write_some(std::span<const std::byte> from);

private:
    friend standard_writer standard_output();
    friend standard_writer standard_error();
    explicit standard_writer(std::unique_ptr<detail::standard_stream> stream) noexcept;

    std::unique_ptr<detail::standard_stream> stream_;
};

[[nodiscard]] AMPHI_EXPORT standard_reader standard_input();
[[nodiscard]] AMPHI_EXPORT standard_writer standard_output();
[[nodiscard]] AMPHI_EXPORT standard_writer standard_error();

template <>
inline constexpr bool enable_sendable<standard_reader> = true;
template <>
inline constexpr bool enable_sendable<standard_writer> = true;

}  // namespace amphi
