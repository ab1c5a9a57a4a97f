// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/base/export.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace amphi {

namespace detail {
class pipe_end;
}  // namespace detail

/// The end of a pipe that is read from.
///
/// Threads: one at a time. Move-only, sendable.
/// Cancellation: a read that is cut short has taken nothing.
/// Lifetime: no read may be in flight when it is closed, released or destroyed.
/// Errors: `std::system_error`; the use of a closed or moved-from one is EBADF.
class AMPHI_EXPORT pipe_reader {
public:
    /// Takes over a descriptor and makes it non-blocking. Throws `std::system_error`.
    explicit pipe_reader(descriptor owned);
    pipe_reader(pipe_reader&& other) noexcept;
    pipe_reader& operator=(pipe_reader&& other) noexcept;
    ~pipe_reader();

    /// Waits for bytes. Zero: all who could write have closed their ends, or the buffer is empty.
    [[nodiscard]] task<std::size_t> read_some(std::span<std::byte> into);

    /// Gives the descriptor away, blocking again: to another process, or another library.
    [[nodiscard]] descriptor release();

    /// The descriptor, which stays the pipe's; -1 when closed. It is non-blocking.
    [[nodiscard]] int native_handle() const noexcept;
    void close() noexcept;

private:
    std::unique_ptr<detail::pipe_end> end_;
};

/// The end of a pipe that is written to. Its reader sees the end when it is closed.
///
/// Threads: one at a time. Move-only, sendable.
/// Cancellation: a write that is cut short has written nothing.
/// Lifetime: no write may be in flight when it is closed, released or destroyed.
/// Errors: `std::system_error`; EPIPE when nobody reads any more, and no SIGPIPE; the use of a
/// closed or moved-from one is EBADF.
class AMPHI_EXPORT pipe_writer {
public:
    /// Takes over a descriptor and makes it non-blocking. Throws `std::system_error`.
    explicit pipe_writer(descriptor owned);
    pipe_writer(pipe_writer&& other) noexcept;
    pipe_writer& operator=(pipe_writer&& other) noexcept;
    ~pipe_writer();

    /// Waits until the pipe takes bytes from the front and says how many.
    [[nodiscard]] task<std::size_t> write_some(std::span<const std::byte> from);

    /// Gives the descriptor away, blocking again: to another process, or another library.
    [[nodiscard]] descriptor release();

    /// The descriptor, which stays the pipe's; -1 when closed. It is non-blocking.
    [[nodiscard]] int native_handle() const noexcept;
    void close() noexcept;

private:
    std::unique_ptr<detail::pipe_end> end_;
};

/// A pipe: what is written to the second is read from the first. Neither is inherited by programs
/// that this one starts. Throws `std::system_error`.
[[nodiscard]] AMPHI_EXPORT std::pair<pipe_reader, pipe_writer> make_pipe();

template <>
inline constexpr bool enable_sendable<pipe_reader> = true;
template <>
inline constexpr bool enable_sendable<pipe_writer> = true;

}  // namespace amphi
