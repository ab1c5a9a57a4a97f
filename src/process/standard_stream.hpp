// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>
#include <amphi/io/watch.hpp>
#include <amphi/task/sendable.hpp>

#include <span>

namespace amphi::detail {

/// A stream that this process shares with others, as it is read or written here.
class standard_stream {
public:
    enum class way : unsigned char {
        opened_anew,  ///< a pipe or a terminal, non-blocking and our own
        socket,       ///< a duplicate; each call says that it must not block
        ready_first,  ///< a duplicate, for what cannot be opened anew: no call before it is ready
        blocking      ///< a duplicate of what is always ready: the calls are made on plain threads
    };

    standard_stream(int number, const char* name, bool writes);

    const char* name;
    descriptor fd;
    way how;
    watch readiness;  // leaves the driver before the descriptor is closed
};

/// A caller's buffer, lent to a plain thread while the caller waits.
template <class Byte>
class lent_bytes {
public:
    explicit lent_bytes(std::span<Byte> bytes) noexcept : bytes_(bytes) {}
    [[nodiscard]] std::span<Byte> get() const noexcept { return bytes_; }

private:
    std::span<Byte> bytes_;
};

}  // namespace amphi::detail

template <class Byte>
inline constexpr bool amphi::enable_sendable<amphi::detail::lent_bytes<Byte>> = true;
