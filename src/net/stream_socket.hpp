// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace amphi::detail {

/// A connected socket that carries bytes, at an address that stays, so that its owner can move
/// while it is watched. What TCP and Unix streams have in common.
class stream_socket {
public:
    /// What a read that does not fill its buffer says.
    enum class short_read : std::uint8_t {
        drained,      ///< nothing is left to be read
        says_little,  ///< it may have ended where a message with descriptors begins
    };

    stream_socket(const stream_socket&) = delete;
    stream_socket& operator=(const stream_socket&) = delete;

    [[nodiscard]] task<std::size_t> read_some(std::span<std::byte> into);
    [[nodiscard]] task<std::size_t>
    write_some(std::span<const std::byte> first, std::span<const std::byte> second);
    [[nodiscard]] task<> write_all(std::span<const std::byte> from);
    void shutdown_write() const;

    /// Throws `error`, an errno, of `operation` ("read from"), naming the peer.
    [[noreturn]] virtual void fail(int error, const char* operation) const = 0;

    descriptor fd;
    watch readiness;  // leaves the driver before the descriptor is closed
    /// The reader's: the last read has emptied the socket, so the next one waits first.
    bool drained = false;

protected:
    stream_socket(descriptor owned, short_read says) noexcept
        : fd(std::move(owned))
        , short_read_(says) {}
    ~stream_socket() = default;

private:
    const short_read short_read_;
};

}  // namespace amphi::detail
